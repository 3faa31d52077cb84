import type { DedicatedConnection } from '@bellhop/postgres';

export interface UnpublishedRow {
  id: string;
  event_id: string;
  subject: string;
  data: string;
}

/**
 * Input: the last id of the batch before *in this pass* ("0" starts a pass), and how many. Result: committed rows that
 * are not published, oldest id first. Lock: none, the session lock makes this the only reader.
 * Race: a row with a lower id may commit after its successors were read. It is found by the next pass, which starts at
 * 0 again. Continuing inside a pass saves walking over the index entries of what was just published.
 */
export async function readUnpublished(
  session: DedicatedConnection,
  after: string,
  limit: number,
): Promise<UnpublishedRow[]> {
  return session.query<UnpublishedRow>(
    'outbox_read_unpublished',
    `select id, event_id, subject, data
       from outbox
      where published_at is null and id > $1
      order by id
      limit $2`,
    [after, limit],
  );
}
