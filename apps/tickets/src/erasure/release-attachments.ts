import { updateEverywhere } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

const RELEASED = `message_id = null, uploader = 'erased', network = null, around = null, created_at = 'epoch',
  name = case when key is not null then 'erased' end`;

/**
 * Inputs: keys of people, and as whom they upload. Result: how many files, in tickets of theirs or sent by them with no message yet, have no name,
 * no sender and no message any more; as such the purge removes them, rows and contents. Lock: those rows. Race: none with the purge, which skips
 * what is locked.
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
