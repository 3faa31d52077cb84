import type { EntityManager } from 'typeorm';

export interface Unproven {
  readonly ofGuest: number;
  readonly ofAll: number;
}

/**
 * Inputs: the key of a guest, how far to count. Result: tickets that wait for their address to be proven. Lock: none.
 * `(select …)` hides from the planner that the rows of one guest are in `tickets_unverified` as well: if that index was empty at the last
 * `analyze`, the planner takes it for free and scans it whole. Every statement here about one ticket or one guest does the same.
 * Race: concurrent filings with other addresses are not counted, so the limit may be passed by as many.
 */
export async function countUnproven(manager: EntityManager, guestKey: string, atMost: number): Promise<Unproven> {
  const [counted]: [Unproven] = await manager.query(
    `select (select count(*)::int from tickets where status = (select 'unverified') and requester_id = $1) as "ofGuest",
            (select count(*)::int from (select from tickets where status = 'unverified' limit $2) as unproven) as "ofAll"`,
    [guestKey, atMost],
  );
  return counted;
}
