import type { EntityManager } from 'typeorm';

export interface Suppression {
  readonly channel: string;
  /** What the channel's `suppressionKeyOf` makes of the endpoint. */
  readonly key: string;
  readonly deliveryId: string;
  readonly reason: string;
  /** The system whose messages the endpoint gets no more; null for all. */
  readonly system: string | null;
}

interface Row extends Omit<Suppression, 'system'> {
  /** Null for all. */
  readonly systems: readonly string[] | null;
}

/**
 * Remembers endpoints that were refused for good, bounced, or complained, until a person lifts it.
 * in: suppressions · out: nothing · lock: rows of `suppressions` in the order of channel and endpoint · race: systems add up, and
 * all systems win over some; of two that say the same the first reason stays.
 */
export async function suppress(manager: EntityManager, suppressions: readonly Suppression[]): Promise<void> {
  const rows = byEndpoint(suppressions);
  await manager.query(
    `insert into suppressions as s (channel, endpoint, reason, delivery_id, systems)
     select channel, endpoint, reason, delivery_id, string_to_array(systems, ' ')
     from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) as f (channel, endpoint, reason, delivery_id, systems)
     on conflict (channel, endpoint) do update set
       systems = case when excluded.systems is not null
         then (select array_agg(distinct system order by system) from unnest(s.systems || excluded.systems) as system) end,
       reason = case when excluded.systems is null then excluded.reason else s.reason end,
       delivery_id = case when excluded.systems is null then excluded.delivery_id else s.delivery_id end,
       suppressed_at = case when excluded.systems is null then excluded.suppressed_at else s.suppressed_at end
     where s.systems is not null and (s.systems @> excluded.systems) is not true`,
    [
      rows.map(({ channel }) => channel),
      rows.map(({ key }) => key),
      rows.map(({ reason }) => reason),
      rows.map(({ deliveryId }) => deliveryId),
      // `unnest` would flatten arrays of an array; no name of a system has a space.
      rows.map(({ systems }) => systems?.join(' ') ?? null),
    ],
  );
}

/** One row for an endpoint, since a statement can change a row only once. */
function byEndpoint(suppressions: readonly Suppression[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { system, ...suppression } of suppressions) {
    const endpoint = `${suppression.channel} ${suppression.key}`;
    const row: Row = { ...suppression, systems: system === null ? null : [system] };
    const earlier = rows.get(endpoint);
    rows.set(endpoint, earlier ? together(earlier, row) : row);
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function together(first: Row, second: Row): Row {
  if (first.systems === null) return first;
  if (second.systems === null) return second;
  return { ...first, systems: [...new Set([...first.systems, ...second.systems])] };
}
