import type { DataSource } from 'typeorm';
import type { Batch } from './batch.js';
import { fences } from './delivery.js';

/**
 * leased → sending, together with the exact requests, before the provider hears of them.
 * in: batches with what they are sealed as · out: ids that are ours to send · lock: these rows · race: a row whose lease was
 * lost (other fence) is left alone and must not be sent; a batch that was frozen earlier stays as it is.
 */
export async function beginSending(
  dataSource: DataSource,
  batches: readonly Batch[],
  leaseMs: number,
): Promise<Set<string>> {
  const members = batches.flatMap((batch) => batch.members);
  const fresh = batches.filter(({ sealed }) => sealed !== null);
  const rows: { id: string }[] = await dataSource.query(
    `with mine as (
       update deliveries d set
         state = 'sending', tries = d.tries + 1, attempted_at = now(), batch_id = m.batch_id,
         lease_until = now() + $4 * interval '1 millisecond'
       from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as m (id, fence, batch_id)
       where d.id = m.id and d.fence = m.fence and d.state = 'leased'
       returning d.id, d.batch_id
     ), frozen as (
       insert into frozen_requests (batch_id, sealed)
       select f.batch_id, f.sealed from unnest($5::uuid[], $6::bytea[]) as f (batch_id, sealed)
       where f.batch_id in (select batch_id from mine)
       on conflict (batch_id) do nothing
     )
     select id from mine`,
    [
      ...fences(members),
      batches.flatMap(({ id, members: { length } }) => Array<string>(length).fill(id)),
      leaseMs,
      fresh.map(({ id }) => id),
      fresh.map(({ sealed }) => sealed),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
