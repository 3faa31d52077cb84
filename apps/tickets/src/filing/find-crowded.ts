import type { EntityManager } from 'typeorm';

/** A network, and how many unproven tickets may come from it in a day. */
export interface Allowance {
  readonly network: string;
  readonly max: number;
}

/**
 * Inputs: the networks of the request, the smallest first. Result: the first that has used up its share today, or null. Lock: none.
 * Race: concurrent filings from one network are not counted; guest-auth limits their number.
 *
 * Both `offset 0` make the planner begin with the filings of the network, by their index. By the statistics of a quiet time there are no unproven
 * tickets, and it would read all of them; and with the limit in sight it would read all filings, since it expects to find so few early.
 */
export async function findCrowded(manager: EntityManager, allowances: readonly Allowance[]): Promise<string | null> {
  const [row]: ({ network: string } | undefined)[] = await manager.query(
    `select near.network from unnest($1::text[], $2::int[]) with ordinality as near(network, max, position)
      where near.max <= (
        select count(*) from (
          select from (select ticket_id from guest_filings where networks @> array[near.network] offset 0) f
           cross join lateral (select status, created_at from tickets where id = f.ticket_id offset 0) t
           where t.status = 'unverified' and t.created_at > now() - interval '1 day'
           limit near.max) as unproven)
      order by near.position limit 1`,
    [allowances.map(({ network }) => network), allowances.map(({ max }) => max)],
  );
  return row?.network ?? null;
}
