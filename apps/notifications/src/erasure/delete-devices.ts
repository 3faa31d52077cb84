import type { EntityManager } from 'typeorm';

/**
 * in: accounts · out: how many devices are gone, with every attempt on them · lock: those rows · race: an attempt that is recorded after this
 * stands without its device, and goes with its delivery or by its age.
 */
export async function deleteDevices(manager: EntityManager, accounts: readonly string[]): Promise<number> {
  const [{ count }]: [{ count: number }] = await manager.query(
    `with devices as (delete from push_subscriptions where person = any ($1) returning id),
       attempts as (delete from push_attempts where subscription_id in (select id from devices))
     select count(*)::int as count from devices`,
    [accounts],
  );
  return count;
}
