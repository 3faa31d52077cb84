import type { EntityManager } from 'typeorm';

export interface DecisionRow {
  readonly system: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Empty where nobody hears of the event. */
  readonly recipientKey: string;
  readonly channel: string;
  readonly deliveryId: string | null;
  readonly reason: string | null;
}

/**
 * Keeps what was decided: the answer to "why did this person (not) hear of it".
 * in: rows · out: nothing · lock: none that others wait for · race: the inbox row of the same transaction makes each event
 * decided once; an event that comes again after the inbox forgot it keeps its first decision until that is purged.
 */
export async function recordDecisions(manager: EntityManager, rows: readonly DecisionRow[]): Promise<void> {
  await manager.query(
    `insert into decisions (system, event_id, event_type, recipient_key, channel, delivery_id, reason, decided_at)
     select f."system", f."eventId", f."eventType", f."recipientKey", f.channel, f."deliveryId", f.reason, now()
     from json_to_recordset($1::json) as f (
       "system" text, "eventId" text, "eventType" text, "recipientKey" text, channel text, "deliveryId" uuid, reason text)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}
