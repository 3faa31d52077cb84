import type { EntityManager } from 'typeorm';
import type { Limit, Purpose, Scope } from './budget.js';

/** One mail or guess, and what it counts for. A scope that is unknown (null) has no limit. */
export interface Spending {
  readonly purpose: Purpose;
  /** Keyed hashes of `mailboxOf`. */
  readonly addressHash: Buffer | null;
  readonly stemHash: Buffer | null;
  readonly domainHash: Buffer | null;
  /** The network it comes from, and those around it (`networksAround`). */
  readonly narrow: string | null;
  readonly network: string | null;
  readonly wide: string | null;
  readonly widest: string | null;
}

/** The limit that is reached, and for how many more seconds. */
export interface Shortage {
  readonly scope: Scope;
  readonly seconds: number;
}

/**
 * Serialises transactions that spend for the same stem of addresses, or the same network.
 * in: the spending · out: nothing · lock: two advisory locks until the transaction ends, in the order of their keys to avoid deadlocks ·
 * race: two replicas that both see room for one more. Domains, wider networks and the instance have no lock, which would serialise everybody: their
 * limits may be exceeded by the number of concurrent requests.
 */
export async function lockBudgets(manager: EntityManager, spending: Spending): Promise<void> {
  const { purpose, stemHash, network } = spending;
  const names = [stemHash && `stem ${stemHash.toString('hex')}`, network && `network ${network}`];
  await manager.query(
    `select pg_advisory_xact_lock(key)
     from (select hashtextextended($1 || name, 0) as key from unnest($2::text[]) as name order by key) as keys`,
    [`bellhop budget ${purpose} `, names.filter((name) => name !== null)],
  );
}

const FIND_SHORTAGE = `select l.scope, greatest(1, ceil(extract(epoch from last.spent_at - now()) + l.seconds))::int as seconds
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
   order by seconds desc limit 1`;

/**
 * Compares what was spent with the limits.
 * in: the spending, and its limits · out: the reached limit that lasts longest, null if all have room · lock: none · race: concurrent spendings are
 * not seen; under `lockBudgets` there are none for this stem and network.
 *
 * The limits of a domain and of the instance only refuse networks that have requested something within a day: otherwise whoever exhausts them
 * locks out everybody there. For guesses it is enough that the widest network has, because no limit refuses a right code.
 *
 * Each branch reads one index backwards from its newest entry to the one that exhausts the limit, and then checks its time. A condition on the time
 * would come first otherwise, and read all new entries: by its statistics of a quiet night Postgres expects none.
 */
export async function findShortage(
  manager: EntityManager,
  spending: Spending,
  limits: readonly Limit[],
): Promise<Shortage | null> {
  const [row]: (Shortage | undefined)[] = await manager.query(FIND_SHORTAGE, [
    limits.map(({ scope }) => scope),
    limits.map(({ seconds }) => seconds),
    limits.map(({ max }) => max),
    ...[spending.purpose, spending.addressHash, spending.network, spending.wide, spending.widest],
    ...[spending.stemHash, spending.domainHash, spending.narrow],
  ]);
  return row ?? null;
}

/**
 * Counts a spending.
 * in: its id, and the spending · out: nothing · lock: only the new row · race: none, the caller called `findShortage` under `lockBudgets`.
 */
export async function insertSpending(manager: EntityManager, id: string, spending: Spending): Promise<void> {
  await manager.query(
    `insert into spendings (id, purpose, address_hash, stem_hash, domain_hash, narrow, network, wide, widest)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[id, spending.purpose, spending.addressHash, spending.stemHash, spending.domainHash],
      ...[spending.narrow, spending.network, spending.wide, spending.widest],
    ],
  );
}

/** Refunds a spending. in: its id · out: nothing · lock: its row · race: none, only one request knows the id. */
export async function deleteSpending(manager: EntityManager, id: string): Promise<void> {
  await manager.query('delete from spendings where id = $1', [id]);
}
