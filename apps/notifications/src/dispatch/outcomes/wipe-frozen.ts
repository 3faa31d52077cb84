import type { EntityManager } from 'typeorm';

/**
 * Forgets requests of which no delivery waits any more, and the codes of those that had one, in the transaction that settles or
 * moves them.
 * in: deliveries just settled · out: nothing · lock: their codes, then the frozen rows of their batches, in id order · race: two transactions
 * settle the last two of a batch, and neither would see the other's: so the row is locked first, and whoever comes second
 * looks again, in a statement of its own, after the first has committed.
 */
export async function wipeFrozen(manager: EntityManager, deliveryIds: readonly string[]): Promise<void> {
  const rows: { id: string }[] = await manager.query(
    `with codes as (delete from sealed_codes where delivery_id = any ($1::uuid[]))
     select batch_id as id from frozen_requests
     -- An array, and no join: a plan for that reads all that is frozen.
     where batch_id = any (array(select batch_id from deliveries where id = any ($1::uuid[])))
     order by batch_id for update`,
    [deliveryIds],
  );
  if (rows.length > 0)
    await deleteUnused(
      manager,
      rows.map(({ id }) => id),
    );
}

/** The same for batches whose deliveries have moved to other batches. Nobody else holds those, so nothing is locked first. */
export async function deleteUnused(manager: Pick<EntityManager, 'query'>, batchIds: readonly string[]): Promise<void> {
  await manager.query(
    `delete from frozen_requests f where f.batch_id = any ($1::uuid[])
       -- One look for each, and no \`not exists\`: a plan for that reads all that is not settled.
       and (select true from deliveries d where d.batch_id = f.batch_id and d.settled_at is null limit 1) is null`,
    [batchIds],
  );
}
