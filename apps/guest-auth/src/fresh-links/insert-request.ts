import type { EntityManager } from 'typeorm';

/** Notes that somebody asks for a link. in: number and address as typed · out: nothing · lock: none · race: none. */
export async function insertRequest(manager: EntityManager, id: string, number: string, email: string): Promise<void> {
  await manager.query('insert into link_requests (id, number, email) values ($1, $2, $3)', [id, number, email]);
}
