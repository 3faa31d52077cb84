import { updateEverywhere } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

const RELEASED = `message_id = null, uploader = 'erased', network = null, around = null, created_at = 'epoch',
  name = case when key is not null then 'erased' end`;

/**
 * Inputs: keys of people, and their names as uploaders. Result: the number of files, in their tickets or uploaded by them and not sent yet, that
 * have lost name, uploader and message; the purge removes such rows and their contents. Lock: those rows. Race: none with the purge, which skips
 * locked rows.
 */
export async function releaseAttachments(
  manager: EntityManager,
  keys: readonly string[],
  uploaders: readonly string[],
): Promise<number> {
  const unsent = 'message_id is null and uploader = any ($3)';
  const [, ofTickets]: [unknown, number] = await manager.query(
    `update attachments set ${RELEASED}
      where message_id in (select m.id from messages m join tickets t on t.id = m.ticket_id where t.requester_id = any ($1))`,
    [keys],
  );
  return (
    ofTickets + (await updateEverywhere(manager, { table: 'attachments', set: RELEASED, condition: unsent }, uploaders))
  );
}
