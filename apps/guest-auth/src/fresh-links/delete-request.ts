import type { EntityManager } from 'typeorm';

/** Settles a request. in: its id · out: nothing · lock: its row · race: settled by two, the second finds nothing. */
export async function deleteRequest(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from link_requests where id = $1', [id]);
}
