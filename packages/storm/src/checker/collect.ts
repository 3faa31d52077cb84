import type { TicketEvent } from '@bellhop/contracts/events';
import type { ServiceName } from '@bellhop/contracts/streams';
import type { People } from '../people/people.js';
import type { Databases } from '../world/databases.js';
import type { StormProvider } from '../world/provider.js';
import type { PushProvider } from '../world/push-provider.js';
import type { StreamReader } from '../world/streams.js';
import type { WriterLog } from '../writers/writer-log.js';
import { devicesIn, entriesIn, pagesIn, pushAttemptsIn, pushesAt } from './collect-channels.js';
import type { CommittedEvent, DecisionRow, DeliveryRow, Evidence, LedgerRow } from './evidence.js';

export interface Sources {
  readonly provider: StormProvider;
  readonly push: PushProvider;
  readonly people: People;
  readonly databases: Databases;
  readonly reader: StreamReader;
  readonly log: WriterLog;
  readonly agentsAddress: string;
  /** The services that run. Consumers of the others are not expected to be empty. */
  readonly services: readonly ServiceName[];
  /** Whether pages can be open. */
  readonly isAnyReady: boolean;
}

/** Collects the evidence from provider, databases, streams and writers. Call it when the system is quiet. */
export async function collect(sources: Sources): Promise<Evidence> {
  const { provider, push, people, databases, reader, log, agentsAddress, services, isAnyReady } = sources;
  const own = await outboxOf(databases, 'tickets');
  const proofs = await outboxOf(databases, 'guest-auth');
  const about = await outboxOf(databases, 'notifications');
  const streams = {
    TICKETS: await reader.all('TICKETS'),
    INBOUND: await reader.all('INBOUND'),
    INBOUND_2: await reader.all('INBOUND_2'),
    GUESTS: await reader.all('GUESTS'),
    NOTIFICATIONS: await reader.all('NOTIFICATIONS'),
    DEAD_LETTERS: await reader.all('DEAD_LETTERS'),
  };
  const inbound = new Set(
    [...streams.INBOUND, ...streams.INBOUND_2].map(({ subject, eventId }) => `${subject.split('.')[1]} ${eventId}`),
  );
  const committed: CommittedEvent[] = [
    ...own.map(({ event }) => ({ system: 'bellhop', event: event as TicketEvent })),
    ...log.committed((key) => inbound.has(key)),
  ];
  const feedback = await provider.feedback();
  return {
    provider: provider.kind,
    agentsAddress,
    committed,
    writes: log.writes,
    provenTickets: log.provenTickets,
    written: await writtenIn(databases),
    mails: await provider.mails(),
    ...(isAnyReady && { pages: await pagesIn(databases, people.pages) }),
    entries: await entriesIn(databases),
    devices: await devicesIn(databases, people.devices),
    pushes: pushesAt(push.service),
    pushAttempts: await pushAttemptsIn(databases, people.devices),
    strangersVisits: push.strangersVisits,
    refusedAddresses: provider.refusedAddresses,
    deliveries: await deliveriesIn(databases),
    decisions: await decisionsIn(databases),
    frozenRequests: await countOf(databases, 'frozen_requests'),
    ledger: [...own, ...proofs, ...about].map(({ row }) => row),
    streams,
    consumers: await reader.consumers(services),
    expectedDeadLetters: log.expectedDeadLetters,
    ...(feedback && { feedback }),
  };
}

interface OutboxEvent {
  readonly row: LedgerRow;
  readonly event: { readonly type: string; readonly data: { readonly deliveryId?: string } };
}

async function outboxOf(databases: Databases, service: ServiceName): Promise<OutboxEvent[]> {
  const rows = await databases.rows<{ event_id: string; data: string; stream: string | null }>(
    service,
    'select event_id, data, stream from outbox order by id',
  );
  return rows.map(({ event_id: eventId, data, stream }) => {
    const event = JSON.parse(data) as OutboxEvent['event'];
    const { deliveryId } = event.data;
    return { event, row: { service, eventId, type: event.type, stream, ...(deliveryId && { deliveryId }) } };
  });
}

/** The text of every write is its id. */
async function writtenIn(databases: Databases): Promise<Record<string, number>> {
  const rows = await databases.rows<{ body: string; count: number }>(
    'tickets',
    'select body, count(*)::int as count from messages group by body',
  );
  return Object.fromEntries(rows.map(({ body, count }) => [body, count]));
}

/** Read as JSON, so that a missing column is no error. */
async function deliveriesIn(databases: Databases): Promise<DeliveryRow[]> {
  const rows = await databases.rows<{ row: Record<string, unknown> }>(
    'notifications',
    'select to_jsonb(d) as row from deliveries d order by id',
  );
  return rows.map(({ row }) => ({
    id: String(row.id),
    system: String(row.system),
    ticketId: String(row.ticket_id),
    version: Number(row.version),
    recipientKey: String(row.recipient_key),
    role: String(row.recipient_role),
    address: String(row.endpoint),
    channel: String(row.channel),
    eventIds: row.event_ids as string[],
    state: String(row.state),
    reason: row.reason as string | null,
    foldedInto: (row.folded_into as string | null | undefined) ?? null,
    tries: Number(row.tries),
    unknowns: Number(row.unknowns),
    isLeased: row.leased_by !== null,
    firstAt: momentOf(row.first_at) ?? 0,
    attemptedAt: momentOf(row.attempted_at),
    settledAt: momentOf(row.settled_at),
    feedback: (row.feedback as string | null | undefined) ?? null,
  }));
}

function momentOf(text: unknown): number | null {
  return typeof text === 'string' ? Date.parse(text) : null;
}

function decisionsIn(databases: Databases): Promise<DecisionRow[]> {
  return databases.rows<DecisionRow>(
    'notifications',
    `select system, event_id as "eventId", recipient_key as "recipientKey", channel, delivery_id as "deliveryId", reason,
       extract(epoch from decided_at)::float8 * 1000 as "decidedAt"
     from decisions`,
  );
}

async function countOf(databases: Databases, table: 'frozen_requests'): Promise<number> {
  const [row] = await databases.rows<{ count: number }>('notifications', `select count(*)::int as count from ${table}`);
  return row?.count ?? 0;
}
