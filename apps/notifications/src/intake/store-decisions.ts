import { type Column, prepared, unnest, valuesOf } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import type { Digest } from '../planning/digest.js';
import { DIGEST_VALUES, digestValues, UPSERT_DIGESTS } from './upsert-digests.js';

/** What was decided about one fact, one person and one channel. */
export interface DecisionRow {
  readonly system: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Empty, like the channel, where nobody is notified of the event. */
  readonly recipientKey: string;
  readonly channel: string;
  readonly ticketId: string;
  /** The version of its digest when it is stored; null where there is a reason. */
  readonly version: number | null;
  /** Why this person is not notified of it. */
  readonly reason: string | null;
  /** The setting of this person that had a part in it. */
  readonly rule: string | null;
}

const COLUMNS: readonly Column<DecisionRow>[] = [
  ['system', 'text', (row) => row.system],
  ['event_id', 'text', (row) => row.eventId],
  ['event_type', 'text', (row) => row.eventType],
  ['recipient_key', 'text', (row) => row.recipientKey],
  ['channel', 'text', (row) => row.channel],
  ['ticket_id', 'text', (row) => row.ticketId],
  ['version', 'bigint', (row) => row.version],
  ['reason', 'text', (row) => row.reason],
  ['rule', 'text', (row) => row.rule],
];

const SQL = `
  with digests as (${UPSERT_DIGESTS})
  insert into decisions (system, event_id, event_type, recipient_key, channel, delivery_id, reason, rule, decided_at)
  select f.system, f.event_id, f.event_type, f.recipient_key, f.channel, case when d.version <= f.version then d.id end,
    -- Something newer was pending already, so that this is in no delivery.
    case when d.version <= f.version then null else coalesce(f.reason, 'overtaken') end, f.rule, now()
  from ${unnest(COLUMNS, 1 + DIGEST_VALUES, 'f')}
  left join digests d on f.reason is null
    and d.recipient_key = f.recipient_key and d.system = f.system and d.ticket_id = f.ticket_id
    and d.channel = f.channel
  on conflict do nothing`;

/**
 * Merges digests into those that are pending, one row per person, ticket and channel, and stores the decisions: the answer to "why
 * was this person (not) notified".
 * in: digests of one batch (one per key), a decision for each fact, person and channel · out: nothing · lock: the pending
 * rows, in the order of the digest index, so that two writers cannot deadlock (unsorted: 8 deadlocks in 8 s) · race: a row that is
 * claimed meanwhile leaves the index and a new pending one is inserted; the inbox row of the same transaction makes each event
 * decided once, and an event that comes again after its inbox row was purged keeps its first decision while that is stored.
 */
export async function storeDecisions(
  manager: EntityManager,
  digests: Iterable<Digest>,
  decisions: readonly DecisionRow[],
): Promise<void> {
  await prepared(manager, 'store_decisions', SQL, [...digestValues(digests), ...valuesOf(COLUMNS, decisions)]);
}
