import type { EntityManager } from 'typeorm';

/** Inputs: none. Result: the networks of filings older than a day are deleted. Lock: the rows. Race: a new lease keeps them longer. */
export async function forgetFilingNetworks(manager: EntityManager): Promise<void> {
  await manager.query(
    `update guest_filings set networks = null where networks is not null and leased_until < now() - interval '1 day'`,
  );
}
