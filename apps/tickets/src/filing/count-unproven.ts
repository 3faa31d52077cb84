import type { EntityManager } from 'typeorm';

export interface Unproven {
  readonly ofGuest: number;
  readonly ofAll: number;
}

/**
 * Inputs: the key of a guest, how far to count. Result: tickets that wait for their address to be proven. Lock: none.
 * `(select …)` hides from the planner that the rows of one guest stand in `tickets_unverified` as well: known to be empty when Postgres last
 * looked, that index seems to cost nothing, and would be walked whole. So in each statement here that is about one ticket or one guest.
 * Race: filings with other addresses that run at this moment are not counted, so that many at once may go over the limit.
 */
export async function countUnproven(manager: EntityManager, guestKey: string, atMost: number): Promise<Unproven> {
  const [counted]: [Unproven] = await manager.query(
    `select (select count(*)::int from tickets where status = (select 'unverified') and requester_id = $1) as "ofGuest",
            (select count(*)::int from (select from tickets where status = 'unverified' limit $2) as unproven) as "ofAll"`,
    [guestKey, atMost],
  );
  return counted;
}
