import type { EntityManager } from 'typeorm';

/**
 * Inputs: a file, and the names of the caller as uploader. Result: its key; null where there is no such file, it is somebody else's, or it is
 * in a message. The row is gone, and with it all that it counted against. Lock: its row. Race: a message that claims it at this moment has it
 * either before, and keeps it, or finds it no more.
 */
export async function deleteUpload(
  manager: EntityManager,
  id: string,
  uploaders: readonly string[],
): Promise<string | null> {
  const [rows]: [{ key: string }[], number] = await manager.query(
    `delete from attachments where id = $1 and uploader = any ($2) and message_id is null and key is not null
     returning key`,
    [id, uploaders],
  );
  return rows[0]?.key ?? null;
}
