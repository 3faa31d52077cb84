import type { EntityManager } from 'typeorm';

/**
 * Deletes deliveries with their codes, and the frozen requests that they were part of: other deliveries in those are composed again.
 * in: delivery ids, batch ids · out: how many deliveries were deleted · lock: those rows, which are locked already · race: none
 */
export async function deleteDeliveries(
  manager: EntityManager,
  ids: readonly string[],
  batchIds: readonly string[],
): Promise<number> {
  const [{ count }]: [{ count: number }] = await manager.query(
    `with codes as (delete from sealed_codes where delivery_id = any ($1::uuid[])),
       attempts as (delete from push_attempts where delivery_id = any ($1::uuid[])),
       requests as (delete from frozen_requests where batch_id = any ($2::uuid[])),
       gone as (delete from deliveries where id = any ($1::uuid[]) returning 1)
     select count(*)::int as count from gone`,
    [ids, batchIds],
  );
  return count;
}
