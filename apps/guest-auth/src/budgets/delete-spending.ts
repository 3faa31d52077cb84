import type { EntityManager } from 'typeorm';

/** Takes a spending back. in: its id · out: nothing · lock: that row · race: none, each id is known to one request. */
export async function deleteSpending(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from spendings where id = $1', [id]);
}
