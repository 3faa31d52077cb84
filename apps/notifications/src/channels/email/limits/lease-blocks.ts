import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

export interface WantedBlocks {
  readonly provider: string;
  /** The replica that takes them. */
  readonly holder: string;
  /** Of the first so many. */
  readonly count: number;
  /** Those from here on are taken before the others. */
  readonly kept: number;
  /** How many. */
  readonly blocks: number;
  readonly leaseMs: number;
}

const SQL = `
  with free as (
    select n as number
    from generate_series(0, $3::int - 1) as n
    -- One index look-up each, whatever the plan: it is made once, perhaps while the table is small.
    left join lateral (
      select holder, lease_until from provider_blocks where provider = $1 and number = n limit 1
    ) b on true
    where b.holder is null or b.holder = $2 or b.lease_until < now()
    -- At random, so that replicas which ask at the same time do not want the same one.
    order by b.holder = $2 desc nulls last, n >= $4::int desc, random()
    limit $5
  )
  insert into provider_blocks as b (provider, number, holder, lease_until)
  select $1, number, $2, now() + $6 * interval '1 millisecond' from free order by number
  on conflict (provider, number) do update set holder = excluded.holder, lease_until = excluded.lease_until
  where b.holder = excluded.holder or b.lease_until < now()
  returning number`;

/**
 * Leases blocks of a provider's limit: those that the holder has are renewed, others are taken if nobody holds them.
 * in: {@link WantedBlocks} · out: their numbers, perhaps fewer · lock: these rows, in the order of their numbers · race: of two replicas that
 * want the same block the second finds it held, and gets one less.
 */
export async function leaseBlocks(dataSource: DataSource, wanted: WantedBlocks): Promise<number[]> {
  const { provider, holder, count, kept, blocks, leaseMs } = wanted;
  const rows: { number: number }[] = await prepared(dataSource, 'lease_blocks', SQL, [
    provider,
    holder,
    count,
    kept,
    blocks,
    leaseMs,
  ]);
  return rows.map(({ number }) => number);
}
