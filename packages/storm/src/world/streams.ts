import type { ServiceName } from '@bellhop/contracts/streams';
import { waitFor } from '@bellhop/local-stack';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { ConsumerState, StreamMessage, StreamName } from '../checker/evidence.js';

const CONSUMERS = [
  ['TICKETS', 'notifications'],
  ['TICKETS', 'guest-auth'],
  ['INBOUND', 'notifications'],
  ['INBOUND_2', 'notifications'],
  ['GUESTS', 'tickets'],
] as const;

const PREFIX = '_INBOX_provisioner';

interface StreamInfo {
  state: { last_seq: number };
}

interface ConsumerInfo {
  num_pending: number;
  num_ack_pending: number;
}

/**
 * Reads whole streams as the provisioner: a consumer that delivers to the provisioner's own inbox needs no more permissions than
 * provisioning has. No app can do this.
 */
export class StreamReader {
  private readers = 0;

  private constructor(private readonly connection: NatsConnection) {}

  static async connect(url: string): Promise<StreamReader> {
    const { username: user, password: pass, host } = new URL(url);
    return new StreamReader(
      await connect({
        servers: host,
        ...(user && { user, pass }),
        inboxPrefix: PREFIX,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 100,
      }),
    );
  }

  async all(stream: StreamName): Promise<StreamMessage[]> {
    const name = `storm-${process.pid}-${this.readers++}`;
    const inbox = `${PREFIX}.${name}`;
    const messages: StreamMessage[] = [];
    const subscription = this.connection.subscribe(inbox, {
      callback: (_, message) => {
        // $JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.…, counted from the end because a domain may come first
        const sequence = Number(message.reply?.split('.').at(-4));
        const eventId = idIn(message.data) ?? message.headers?.get('Nats-Msg-Id') ?? '';
        messages.push({ sequence, subject: message.subject, eventId });
      },
    });
    try {
      const config = {
        name,
        deliver_subject: inbox,
        ack_policy: 'none',
        deliver_policy: 'all',
        replay_policy: 'instant',
      };
      const request = { stream_name: stream, config: { ...config, mem_storage: true, inactive_threshold: 5e9 } };
      const { num_pending: count } = await this.ask<ConsumerInfo>(`CONSUMER.CREATE.${stream}.${name}`, request);
      await waitFor(() => messages.length >= count, { timeoutMs: 60_000, what: `all of ${stream}` });
      return messages;
    } finally {
      subscription.unsubscribe();
    }
  }

  /** The newest sequence, according to the server. */
  async lastSequence(stream: StreamName): Promise<number> {
    return (await this.ask<StreamInfo>(`STREAM.INFO.${stream}`)).state.last_seq;
  }

  /** The progress of these services' consumers. */
  consumers(services: readonly ServiceName[]): Promise<ConsumerState[]> {
    const consumers = CONSUMERS.filter(([, service]) => services.includes(service));
    return Promise.all(consumers.map(([stream, consumer]) => this.consumer(stream, consumer)));
  }

  private async consumer(stream: StreamName, consumer: string): Promise<ConsumerState> {
    const info = await this.ask<ConsumerInfo>(`CONSUMER.INFO.${stream}.${consumer}`);
    return { stream, consumer, pending: info.num_pending, unacknowledged: info.num_ack_pending };
  }

  stop(): Promise<void> {
    return this.connection.close();
  }

  private ask<Info>(api: string, body?: unknown): Promise<Info> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return waitFor(
      async () => {
        const answer = await this.connection.request(`$JS.API.${api}`, payload, { timeout: 2_000 });
        const info = answer.json<Info & { error?: { description: string } }>();
        if (info.error) throw new Error(info.error.description);
        return info;
      },
      { timeoutMs: 30_000, what: `an answer to ${api}` },
    );
  }
}

function idIn(data: Uint8Array): string | undefined {
  try {
    const { id } = JSON.parse(Buffer.from(data).toString()) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
