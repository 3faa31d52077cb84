import type { EntityManager } from 'typeorm';
import type { Limit, Purpose, Scope } from './budget.js';

/** What is to be spent. A scope that is not known (null) is not limited. */
export interface Spending {
  readonly purpose: Purpose;
  /** Keyed hashes of `mailboxOf`. */
  readonly addressHash: Buffer | null;
  readonly stemHash: Buffer | null;
  readonly domainHash: Buffer | null;
  /** The networks that it comes from. */
  readonly narrow: string | null;
  readonly network: string | null;
  readonly wide: string | null;
  readonly widest: string | null;
}

/** Which limit is reached, and for how many seconds. */
export interface Shortage {
  readonly scope: Scope;
  readonly seconds: number;
}

/**
 * How long somebody has to wait.
 * in: what is to be spent, and the limits for it · out: the limit that has no room for the longest, null when all have · lock: none · race: what
 * others spend at the same time is not seen; under `lock-budgets` there are no others for this address and network.
 *
 * The limits of a domain and of the instance refuse nobody whose network has not asked within a day: otherwise whoever reaches them locks out
 * everybody there.
 * For guesses the widest network counts as such, because right codes are not refused by any limit.
 *
 * Each branch reads one index from its newest entry, as far as the limit goes: the entry that has used up the limit, and whether that was within
 * the time. To ask for the time first would have Postgres read all that is new, for by its statistics of a quiet night nothing is.
 */
export async function measure(
  manager: EntityManager,
  spending: Spending,
  limits: readonly Limit[],
): Promise<Shortage | null> {
  const [row]: (Shortage | undefined)[] = await manager.query(
    `select l.scope, greatest(1, ceil(extract(epoch from last.spent_at - now()) + l.seconds))::int as seconds
     from (
       select $6::text is null or now() - interval '1 day' < (
                select spent_at from spendings where purpose = $4 and network = $6 order by spent_at desc limit 1) as is_known,
              $4 = 'guess' and now() - interval '1 day' < (
                select spent_at from spendings where purpose = $4 and widest = $8 order by spent_at desc limit 1) as is_near
     ) as seen
     cross join unnest($1::text[], $2::int[], $3::int[]) as l(scope, seconds, max)
     cross join lateral (
       (select spent_at from spendings where l.scope = 'address' and purpose = $4 and address_hash = $5
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'stem' and purpose = $4 and stem_hash = $9
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'domain' and purpose = $4 and domain_hash = $10 and seen.is_known
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'narrow' and purpose = $4 and narrow = $11
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'network' and purpose = $4 and network = $6
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'wide' and purpose = $4 and wide = $7
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'widest' and purpose = $4 and widest = $8
        order by spent_at desc offset l.max - 1 limit 1)
       union all
       (select spent_at from spendings where l.scope = 'instance' and purpose = $4 and (seen.is_known or seen.is_near)
        order by spent_at desc offset l.max - 1 limit 1)
     ) as last
     where last.spent_at > now() - make_interval(secs => l.seconds)
     order by seconds desc limit 1`,
    [
      limits.map(({ scope }) => scope),
      limits.map(({ seconds }) => seconds),
      limits.map(({ max }) => max),
      spending.purpose,
      spending.addressHash,
      spending.network,
      spending.wide,
      spending.widest,
      spending.stemHash,
      spending.domainHash,
      spending.narrow,
    ],
  );
  return row ?? null;
}
