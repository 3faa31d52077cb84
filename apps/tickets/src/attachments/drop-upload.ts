import type { EntityManager } from 'typeorm';

/** Inputs: a reservation whose upload failed. Result: its space is free again. Lock: its row. Race: none; a finished upload stays. */
export async function dropUpload(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from attachments where id = $1 and key is null', [id]);
}
