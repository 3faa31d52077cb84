import type { EntityManager } from 'typeorm';

/** Inputs: none. Result: nobody can tell any more from where a ticket was filed a day ago. Lock: the rows. Race: a new lease keeps it longer. */
export async function forgetNetworks(manager: EntityManager): Promise<void> {
  await manager.query(
    `update guest_filings set networks = null where networks is not null and leased_until < now() - interval '1 day'`,
  );
}
