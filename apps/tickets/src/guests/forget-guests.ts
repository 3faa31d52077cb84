import type { EntityManager } from 'typeorm';

/**
 * Inputs: keys of guests of whom tickets were deleted in this transaction. Result: those who have no ticket left are forgotten.
 * Lock: their rows, in the order of the keys, and for that reason two statements: filing locks the same row first, so the
 * second one, which looks anew, sees each ticket of whoever came before, and nobody adds one until the transaction ends.
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
