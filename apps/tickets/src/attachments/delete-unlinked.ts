import type { EntityManager } from 'typeorm';

/**
 * Inputs: the batch size. Result: the keys of files that no message has claimed within a day, or whose ticket is gone, and whose rows
 * are deleted now; null for an upload that broke off an hour ago or more. Lock: the deleted rows; what somebody is claiming at this moment
 * is skipped, and what was claimed between look and lock stays.
 */
export async function deleteUnlinked(manager: EntityManager, atMost: number): Promise<(string | null)[]> {
  const [rows]: [{ key: string | null }[], number] = await manager.query(
    `delete from attachments where id = any (array(
       select id from attachments
        where message_id is null
          and created_at < now() - case when key is null then interval '1 hour' else interval '1 day' end
        limit $1 for update skip locked))
     returning key`,
    [atMost],
  );
  return rows.map(({ key }) => key);
}
