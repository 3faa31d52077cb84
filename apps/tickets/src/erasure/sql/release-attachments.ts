import type { EntityManager } from 'typeorm';

/**
 * Inputs: keys of people. Result: how many files, of theirs or in tickets of theirs, have no name, no sender and no message any more;
 * as such the purge removes them, rows and contents. Lock: those rows. Race: none with the purge, which skips what is locked.
 */
export async function releaseAttachments(manager: EntityManager, keys: readonly string[]): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    `update attachments a
        set message_id = null, uploader = 'erased', network = null, around = null, created_at = 'epoch',
            name = case when key is not null then 'erased' end
      where a.uploader = any (select case when key like 'guest:%' then key else 'user:' || key end from unnest($1::text[]) as k (key))
         or a.message_id in (select m.id from messages m join tickets t on t.id = m.ticket_id where t.requester_id = any ($1))`,
    [keys],
  );
  return count;
}
