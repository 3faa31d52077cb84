import type { DataSource } from 'typeorm';
import { fences, type LeasedDelivery } from '../delivery.js';

/**
 * Keeps leases alive while their dispatcher works.
 * in: deliveries it holds · out: ids that were renewed · lock: their rows, skipping those that are changing state at this moment · race: a
 * row that expired and was claimed by another dispatcher has another fence.
 */
export async function renewLeases(
  dataSource: DataSource,
  held: readonly LeasedDelivery[],
  leaseMs: number,
): Promise<Set<string>> {
  const [rows]: [{ id: string }[], number] = await dataSource.query(
    `update deliveries d set lease_until = now() + $3 * interval '1 millisecond'
     from (
       select l.id from deliveries l join unnest($1::uuid[], $2::bigint[]) as m (id, fence) using (id, fence)
       where l.state in ('leased', 'sending') for update of l skip locked
     ) mine
     where d.id = mine.id
     returning d.id`,
    [...fences(held), leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
}
