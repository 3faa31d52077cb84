import type { EntityManager } from 'typeorm';

export interface Arrived {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/**
 * Inputs: a reservation and its stored file. Result: false when the reservation is gone. Lock: its row. Race: housekeeping deletes a
 * reservation after an hour.
 */
export async function finishUpload(
  manager: EntityManager,
  { id, key, name, type, sizeBytes }: Arrived,
): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    'update attachments set key = $2, name = $3, type = $4, size_bytes = $5 where id = $1 and key is null',
    [id, key, name, type, sizeBytes],
  );
  return count > 0;
}
