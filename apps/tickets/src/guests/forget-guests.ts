import type { EntityManager } from 'typeorm';

/**
 * Inputs: keys of guests whose tickets were deleted in this transaction. Result: guests without a ticket are deleted.
 * Lock: their rows, in the order of the keys. Race: filing locks the same row first. Hence two statements: the second has a new
 * snapshot and sees every ticket of earlier lock holders, and nobody adds one until the transaction ends.
 */
export async function forgetGuests(manager: EntityManager, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await manager.query(`select from people where id = any ($1) and kind = 'guest' order by id for update`, [keys]);
  await manager.query(
    `delete from people
      where id = any ($1) and kind = 'guest' and not exists (select from tickets where requester_id = people.id)`,
    [keys],
  );
}
