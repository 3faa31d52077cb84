import type { EntityManager } from 'typeorm';

interface ClaimedRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size_bytes: number;
}

/**
 * Inputs: a new message, the ids of its files in order, and the author's names as uploader. Result: the files that are in the message
 * now, in that order; a missing one does not exist, is somebody else's, is in a message already, or is not uploaded completely. Lock: the
 * rows, in the order of their ids. Race: of two messages that claim the same file the second waits, reads the row again, and does not
 * get it. Files that housekeeping is deleting do not exist.
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
