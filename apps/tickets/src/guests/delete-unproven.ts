import type { EntityManager } from 'typeorm';

/**
 * Inputs: age in hours, batch size. Result: the guest's key of each ticket that was deleted with its messages and its filing. Lock: the
 * deleted rows, skipping locked ones. Race: a ticket that was proven between read and lock is read again under the lock, and stays.
 */
export async function deleteUnproven(manager: EntityManager, hours: number, atMost: number): Promise<string[]> {
  const [rows]: [{ requester_id: string }[], number] = await manager.query(
    `delete from tickets where id in (
       select id from tickets
        where status = 'unverified' and created_at < now() - make_interval(hours => $1)
        order by created_at limit $2 for update skip locked)
     returning requester_id`,
    [hours, atMost],
  );
  return rows.map(({ requester_id }) => requester_id);
}
