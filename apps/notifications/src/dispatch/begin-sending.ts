import type { DataSource } from 'typeorm';
import { fences, type LeasedDelivery } from './delivery.js';

export interface SealedRequest {
  readonly delivery: LeasedDelivery;
  readonly sealed: Buffer;
}

/**
 * leased → sending, together with the exact request, before the provider hears of it.
 * in: leased deliveries with their sealed requests · out: ids that are ours to send · lock: these rows · race: a row whose
 * lease was lost (other fence) is left alone and must not be sent; a request that was frozen earlier stays as it is.
 */
export async function beginSending(
  dataSource: DataSource,
  requests: readonly SealedRequest[],
  leaseMs: number,
): Promise<Set<string>> {
  const [ids, fenceOf] = fences(requests.map(({ delivery }) => delivery));
  const rows: { id: string }[] = await dataSource.query(
    `with mine as (
       update deliveries d set
         state = 'sending', tries = d.tries + 1, attempted_at = now(),
         lease_until = now() + $3 * interval '1 millisecond'
       from unnest($1::uuid[], $2::bigint[]) as m (id, fence)
       where d.id = m.id and d.fence = m.fence and d.state = 'leased'
       returning d.id
     ), frozen as (
       insert into frozen_requests (delivery_id, sealed)
       select mine.id, r.sealed from mine join unnest($1::uuid[], $4::bytea[]) as r (id, sealed) using (id)
       on conflict (delivery_id) do nothing
     )
     select id from mine`,
    [ids, fenceOf, leaseMs, requests.map(({ sealed }) => sealed)],
  );
  return new Set(rows.map(({ id }) => id));
}
