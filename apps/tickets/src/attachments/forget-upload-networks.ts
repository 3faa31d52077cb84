import type { EntityManager } from 'typeorm';

/** Inputs: none. Result: network and payer of files older than a day are deleted. Lock: the rows. Race: none that matters. */
export async function forgetUploadNetworks(manager: EntityManager): Promise<void> {
  await manager.query(
    `update attachments set network = null, around = null where network is not null and created_at < now() - interval '1 day'`,
  );
}
