import { normaliseAddress } from '@bellhop/contracts/persons';
import type { EntityManager } from 'typeorm';

export interface Suppression {
  readonly delivery: { readonly id: string; readonly address: string };
  readonly reason: string;
  /** The system whose mails the address gets no more; null for all. */
  readonly system: string | null;
}

interface Row {
  readonly address: string;
  readonly reason: string;
  readonly id: string;
  /** Null for all. */
  readonly systems: readonly string[] | null;
}

/**
 * Remembers addresses that were refused for good, bounced, or complained, until a person lifts it.
 * in: suppressions · out: nothing · lock: rows of `suppressions` in address order · race: systems add up, and all systems win over some;
 * of two that say the same the first reason stays.
 */
export async function suppress(manager: EntityManager, suppressions: readonly Suppression[]): Promise<void> {
  const rows = byAddress(suppressions);
  await manager.query(
    `insert into suppressions as s (address, reason, delivery_id, systems)
     select address, reason, delivery_id, string_to_array(systems, ' ')
     from unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) as f (address, reason, delivery_id, systems)
     on conflict (address) do update set
       systems = case when excluded.systems is not null
         then (select array_agg(distinct system order by system) from unnest(s.systems || excluded.systems) as system) end,
       reason = case when excluded.systems is null then excluded.reason else s.reason end,
       delivery_id = case when excluded.systems is null then excluded.delivery_id else s.delivery_id end,
       suppressed_at = case when excluded.systems is null then excluded.suppressed_at else s.suppressed_at end
     where s.systems is not null and (s.systems @> excluded.systems) is not true`,
    [
      rows.map(({ address }) => address),
      rows.map(({ reason }) => reason),
      rows.map(({ id }) => id),
      // `unnest` would flatten arrays of an array; no name of a system has a space.
      rows.map(({ systems }) => systems?.join(' ') ?? null),
    ],
  );
}

/** One row for an address, since a statement can change a row only once. */
function byAddress(suppressions: readonly Suppression[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { delivery, reason, system } of suppressions) {
    const address = normaliseAddress(delivery.address);
    const row: Row = { address, reason, id: delivery.id, systems: system === null ? null : [system] };
    const earlier = rows.get(address);
    rows.set(address, earlier ? together(earlier, row) : row);
  }
  return [...rows.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

function together(first: Row, second: Row): Row {
  if (first.systems === null) return first;
  if (second.systems === null) return second;
  return { ...first, systems: [...new Set([...first.systems, ...second.systems])] };
}
