import type { EntityManager } from 'typeorm';

/**
 * Inputs: the ticket of a guest, until when the address is being asked, and the networks that it came from. Result: the filing, for which
 * nobody else puts the question before that. Lock: the new row. Race: none, the ticket is new in this transaction.
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
