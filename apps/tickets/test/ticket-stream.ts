import type { TicketEvent } from '@bellhop/contracts/events';
import { streams } from '@bellhop/contracts/streams';
import type { NatsConnection } from '@nats-io/transport-node';

/** Reads the stream TICKETS from its beginning, by the requests that every JetStream client makes. */
export function ticketStream(connection: NatsConnection): () => Promise<TicketEvent[]> {
  const api = async (subject: string, question?: unknown) =>
    (
      await connection.request(`$JS.API.STREAM.${subject}`, question === undefined ? '' : JSON.stringify(question))
    ).json<{
      state: { last_seq: number };
      message: { data: string };
    }>();
  const events: TicketEvent[] = [];
  return async () => {
    const { state } = await api(`INFO.${streams.TICKETS.name}`);
    for (let seq = events.length + 1; seq <= state.last_seq; seq++) {
      const { message } = await api(`MSG.GET.${streams.TICKETS.name}`, { seq });
      events.push(JSON.parse(Buffer.from(message.data, 'base64').toString()));
    }
    return [...events];
  };
}
