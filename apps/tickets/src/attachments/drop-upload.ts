import type { EntityManager } from 'typeorm';

/** Inputs: a reservation whose upload came to nothing. Result: its room is free again. Lock: its row. Race: none; what has arrived stays. */
export async function dropUpload(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from attachments where id = $1 and key is null', [id]);
}
