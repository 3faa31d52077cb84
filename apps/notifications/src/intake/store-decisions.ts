import type { EntityManager } from 'typeorm';
import type { FoldedAlert } from '../planning/fold.js';
import { type Column, unnest, valuesOf } from './columns.js';
import { FOLD, FOLD_VALUES, foldValues } from './fold-deliveries.js';

/** What was decided about one fact and one person. */
export interface DecisionRow {
  readonly system: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Empty where nobody hears of the event. */
  readonly recipientKey: string;
  readonly ticketId: string;
  /** The newest version that this person's alert tells of, of those that are stored with it; null where there is a reason. */
  readonly version: number | null;
  /** Why this person does not hear of it. */
  readonly reason: string | null;
}

const COLUMNS: readonly Column<DecisionRow>[] = [
  ['system', 'text', (row) => row.system],
  ['event_id', 'text', (row) => row.eventId],
  ['event_type', 'text', (row) => row.eventType],
  ['recipient_key', 'text', (row) => row.recipientKey],
  ['ticket_id', 'text', (row) => row.ticketId],
  ['version', 'bigint', (row) => row.version],
  ['reason', 'text', (row) => row.reason],
];

const SQL = `/* prepared: store_decisions */
  with folded as (${FOLD})
  insert into decisions (system, event_id, event_type, recipient_key, channel, delivery_id, reason, decided_at)
  select f.system, f.event_id, f.event_type, f.recipient_key, $1, case when d.version <= f.version then d.id end,
    -- Something newer was pending already, so that this is in no delivery.
    case when d.version <= f.version then null else coalesce(f.reason, 'overtaken') end, now()
  from ${unnest(COLUMNS, 3 + FOLD_VALUES)}
  left join folded d on f.reason is null
    and d.recipient_key = f.recipient_key and d.system = f.system and d.ticket_id = f.ticket_id
  on conflict do nothing`;

/**
 * Adds a batch of alerts to what is pending, one row per person, ticket and channel, and keeps what was decided: the answer to
 * "why did this person (not) hear of it".
 * in: channel, the longest wait, alerts already folded among themselves, a decision for each fact and person · out: nothing · lock: the pending rows, in the order of the
 * folding index, so that two writers cannot deadlock (unsorted: 8 deadlocks in 8 s) · race: a row that is claimed meanwhile
 * leaves the index and a new pending one is inserted; the inbox row of the same transaction makes each event decided once,
 * and an event that comes again after the inbox forgot it keeps its first decision until that is purged.
 */
export async function storeDecisions(
  manager: EntityManager,
  channel: string,
  maxWaitMs: number,
  alerts: Iterable<FoldedAlert>,
  decisions: readonly DecisionRow[],
): Promise<void> {
  await manager.query(SQL, [channel, maxWaitMs, ...foldValues(alerts), ...valuesOf(COLUMNS, decisions)]);
}
