import type { EntityManager } from 'typeorm';

/** A network, and how many tickets that lie unproven may have come from it within a day. */
export interface Allowance {
  readonly network: string;
  readonly max: number;
}

/**
 * Inputs: the networks that somebody files from, from the smallest. Result: the first that has had its part today, or null. Lock: none.
 * Race: filings from one network that run at this moment are not counted; how many those can be is limited by guest-auth.
 *
 * `offset 0` has it begin with the filings of the network: by the statistics of a quiet time the unproven tickets are none, and all of them
 * would be read.
 */
export async function findCrowded(manager: EntityManager, allowances: readonly Allowance[]): Promise<string | null> {
  const [row]: ({ network: string } | undefined)[] = await manager.query(
    `select near.network from unnest($1::text[], $2::int[]) with ordinality as near(network, max, position)
      where near.max <= (
        select count(*) from (
          select from guest_filings f
           cross join lateral (select status, created_at from tickets where id = f.ticket_id offset 0) t
           where f.networks @> array[near.network] and t.status = 'unverified' and t.created_at > now() - interval '1 day'
           limit near.max) as unproven)
      order by near.position limit 1`,
    [allowances.map(({ network }) => network), allowances.map(({ max }) => max)],
  );
  return row?.network ?? null;
}
