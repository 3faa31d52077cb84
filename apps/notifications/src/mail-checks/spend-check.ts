import { NETWORK_FACTORS, type NetworkLength, networksAround } from '@bellhop/service';
import type { DataSource } from 'typeorm';

/** Within the window, from one connection; from wider networks a multiple (`NETWORK_FACTORS`). */
const MAX_CHECKS = 20;
export const CHECK_WINDOW_MINUTES = 15;

const SQL = `
  insert into mail_check_counts as c (network, began_at, count)
  select network, now(), 1 from unnest($1::text[]) as n (network) order by network
  on conflict (network) do update set
    began_at = case when c.began_at < now() - $2::interval then now() else c.began_at end,
    count = case when c.began_at < now() - $2::interval then 1 else c.count + 1 end
  returning network, count, greatest(1, ceil(extract(epoch from began_at + $2::interval - now())))::int as seconds`;

/**
 * Counts a check for the networks that it comes from, whether it is admitted or not. A window begins with the first check in it, so that at
 * most twice the limit is admitted within any fifteen minutes.
 * in: the client's network · out: for how many more seconds one of its networks is over its limit, null if none is · lock: their rows, in the
 * order of networks, so that two writers cannot deadlock · race: two replicas wait for each other's count, and none is lost.
 */
export async function spendCheck(dataSource: DataSource, network: string): Promise<number | null> {
  const limits = limitsOf(network);
  const rows: { network: string; count: number; seconds: number }[] = await dataSource.query(SQL, [
    [...limits.keys()],
    `${CHECK_WINDOW_MINUTES} minutes`,
  ]);
  const over = rows.filter(({ network: one, count }) => count > (limits.get(one) ?? 0));
  return over.length > 0 ? Math.max(...over.map(({ seconds }) => seconds)) : null;
}

/** One network may stand for several lengths: the largest limit counts. */
function limitsOf(network: string): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const [length, one] of Object.entries(networksAround(network))) {
    if (one !== null)
      limits.set(one, Math.max(limits.get(one) ?? 0, MAX_CHECKS * NETWORK_FACTORS[length as NetworkLength]));
  }
  return limits;
}
