import type { EntityManager } from 'typeorm';

/**
 * Inputs: the ticket of a guest, the end of the lease, and the networks of the request. Result: the filing, for which nobody else requests
 * a challenge before the lease ends. Lock: the new row. Race: none, the ticket is new in this transaction.
 */
export async function beginFiling(
  manager: EntityManager,
  ticketId: string,
  leasedUntil: Date,
  networks: readonly string[],
): Promise<void> {
  await manager.query('insert into guest_filings (ticket_id, leased_until, networks) values ($1, $2, $3)', [
    ticketId,
    leasedUntil,
    networks,
  ]);
}
