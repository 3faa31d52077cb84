import type { EntityManager } from 'typeorm';

/**
 * Forgets the requests of settled deliveries, in the transaction that settles them.
 * in: delivery ids · out: nothing · lock: these rows · race: none, the delivery row is locked already.
 */
export async function wipeFrozen(manager: EntityManager, deliveryIds: readonly string[]): Promise<void> {
  await manager.query(`delete from frozen_requests where delivery_id = any ($1::uuid[])`, [deliveryIds]);
}
