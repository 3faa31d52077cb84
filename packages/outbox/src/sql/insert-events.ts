import { prepared } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

export interface OutboxRow {
  eventId: string;
  subject: string;
  /** The JSON that goes on the wire, byte for byte. */
  data: string;
}

/**
 * Input: ids, subjects and JSON texts, in the order in which they happened. Result: one unpublished row each, with
 * ascending `id`. Lock: none but the new rows.
 * Race: ids come from a sequence, so a transaction that commits later may own a lower one. Readers must ask for
 * "unpublished", never for "after the last one that I saw".
 */
export async function insertEvents(manager: EntityManager, rows: readonly OutboxRow[]): Promise<void> {
  await prepared(
    manager,
    'outbox_insert',
    `insert into outbox (event_id, subject, data)
     select event_id, subject, data
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as e (event_id, subject, data, position)
      order by position`,
    [rows.map((row) => row.eventId), rows.map((row) => row.subject), rows.map((row) => row.data)],
  );
}
