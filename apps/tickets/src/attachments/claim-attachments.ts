import type { EntityManager } from 'typeorm';

interface ClaimedRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size_bytes: number;
}

/**
 * Inputs: a message that was just written, the ids of its files in their order, and as whom the writer may have uploaded them. Result: the
 * files that are in the message now, in that order; one that is missing does not exist, is somebody else's, is in a message already, or
 * has not arrived. Lock: the rows, in the order of their ids. Race: two messages that claim the same file; the second one waits, looks at
 * the row again, and does not get it. What housekeeping is removing is not there.
 */
export async function claimAttachments(
  manager: EntityManager,
  messageId: string,
  ids: readonly string[],
  uploaders: readonly string[],
): Promise<ClaimedRow[]> {
  const [rows]: [(ClaimedRow & { position: number })[], number] = await manager.query(
    `with wanted as materialized (
       select id from attachments
        where id = any ($2::uuid[]) and uploader = any ($3) and message_id is null and key is not null
        order by id for update
     )
     update attachments a set message_id = $1, position = array_position($2::uuid[], a.id)
       from wanted where a.id = wanted.id
     returning a.id, a.name, a.type, a.size_bytes, a.position`,
    [messageId, ids, uploaders],
  );
  return rows.sort((a, b) => a.position - b.position);
}
