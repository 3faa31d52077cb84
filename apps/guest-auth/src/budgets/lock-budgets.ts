import type { EntityManager } from 'typeorm';
import type { Spending } from './measure.js';

/**
 * Lets one transaction at a time spend for a stem of addresses, and for a network.
 * in: what is to be spent · out: nothing · lock: two advisory locks until the transaction ends, in the order of their keys, so that nobody
 * deadlocks · race: two replicas that both see room for one more mail. Domains, wider networks and the instance have no lock,
 * through which all would have to go one by one: their limits may be passed by as many as are under way.
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
