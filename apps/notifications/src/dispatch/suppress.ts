import { normaliseAddress } from '@bellhop/contracts';
import type { EntityManager } from 'typeorm';
import type { LeasedDelivery } from './delivery.js';

/**
 * Remembers addresses that were refused for good, bounced, or complained, until a person lifts it.
 * in: deliveries with reasons · out: nothing · lock: rows of `suppressions` in address order · race: the first reason wins.
 */
export async function suppress(
  manager: EntityManager,
  refused: readonly { delivery: Pick<LeasedDelivery, 'id' | 'address'>; reason: string }[],
): Promise<void> {
  const rows = refused
    .map(({ delivery, reason }) => ({ address: normaliseAddress(delivery.address), reason, id: delivery.id }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  await manager.query(
    `insert into suppressions (address, reason, delivery_id)
     select * from unnest($1::text[], $2::text[], $3::uuid[]) on conflict (address) do nothing`,
    [rows.map(({ address }) => address), rows.map(({ reason }) => reason), rows.map(({ id }) => id)],
  );
}
