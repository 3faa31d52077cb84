import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import { fences } from '../delivery.js';
import type { Batch } from './batch.js';

const SQL = `with held as (
    select d.id, m.batch_id, m.ceiling_key, m.provider
    from unnest($1::uuid[], $2::bigint[], $3::uuid[], $9::text[], $10::text[]) as m (id, fence, batch_id, ceiling_key, provider)
    -- One index look-up each, whatever the plan: it is made once, perhaps while the table is small.
    cross join lateral (
      select id, fence, state, expires_at from deliveries where id = m.id limit 1 for update
    ) d
    where d.fence = m.fence and d.state = 'leased' and (d.expires_at is null or d.expires_at > now())
  -- Materialized: inlined, it was counted again for every pair of a row and a batch, which took a second for a thousand rows.
  ), whole as materialized (
    select batch_id from unnest($4::uuid[], $5::integer[]) as b (batch_id, wanted)
    join (select batch_id, count(*) as held from held group by batch_id) as h using (batch_id)
    where h.held >= b.wanted
  ), mine as (
    update deliveries d set
      state = 'sending', tries = d.tries + 1, attempted_at = now(), batch_id = held.batch_id,
      ceiling_key = held.ceiling_key, provider = held.provider,
      lease_until = now() + $6 * interval '1 millisecond'
    from held join whole using (batch_id)
    where d.id = held.id
    returning d.id, d.batch_id
  ), frozen as (
    insert into frozen_requests (batch_id, sealed)
    select f.batch_id, f.sealed from unnest($7::uuid[], $8::bytea[]) as f (batch_id, sealed)
    where f.batch_id in (select batch_id from mine)
    on conflict (batch_id) do nothing
  )
  select id from mine`;

/**
 * leased → sending, together with the exact requests, before they are sent.
 * in: batches with their encrypted requests · out: ids that are ours to send · lock: these rows · race: a row whose lease was lost
 * (other fence), or that has expired since the pre-send check, is not touched and must not be sent. A batch begins whole or not at
 * all: with a delivery in it that another dispatcher holds by now, it would notify that person twice. Only a repeated batch may begin
 * for some of its deliveries: its key makes the others harmless.
 */
export async function beginSending(
  dataSource: DataSource,
  batches: readonly Batch[],
  leaseMs: number,
): Promise<Set<string>> {
  const ofEach = (value: (batch: Batch) => string) => batches.flatMap((batch) => batch.members.map(() => value(batch)));
  const members = batches.flatMap((batch) => batch.members);
  const fresh = batches.filter(({ sealed }) => sealed !== null);
  const rows: { id: string }[] = await prepared(dataSource, 'begin_sending', SQL, [
    ...fences(members),
    ofEach(({ id }) => id),
    batches.map(({ id }) => id),
    batches.map(({ isRepeat, members: { length } }) => (isRepeat ? 1 : length)),
    leaseMs,
    fresh.map(({ id }) => id),
    fresh.map(({ sealed }) => sealed),
    // A code that was requested takes no alert's place under the ceiling.
    members.map(({ requestId, ceilingKey }) => (requestId === null ? ceilingKey : null)),
    ofEach(({ provider }) => provider.name),
  ]);
  return new Set(rows.map(({ id }) => id));
}
