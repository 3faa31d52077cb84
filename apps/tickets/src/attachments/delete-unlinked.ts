import type { EntityManager } from 'typeorm';

/**
 * Inputs: the batch size. Result: the keys of the deleted rows: files that no message has claimed within a day, or whose ticket is
 * gone; null for an upload that broke off an hour ago or more. Lock: the deleted rows. Race: a row that is being claimed is skipped, and
 * one that was claimed between read and lock stays.
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
