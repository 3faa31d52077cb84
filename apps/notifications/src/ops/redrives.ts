import type { EntityManager } from 'typeorm';
import type { DeadLetter, Redrive } from './dead-letter.js';

type Letter = Pick<DeadLetter, 'sequence' | 'parkedAt'>;

/**
 * Records who redrove letters, and when; the latest redrive replaces earlier ones.
 * in: letters, whether with a repaired event, by whom · out: nothing · lock: these rows, in the order of their sequences ·
 * race: of two redrives of one letter the inbox lets one have an effect, and the later one is recorded.
 */
export async function recordRedrives(
  manager: Pick<EntityManager, 'query'>,
  letters: readonly Letter[],
  { by, isRepaired }: { by: string; isRepaired: boolean },
): Promise<void> {
  await manager.query(
    `insert into redrives (sequence, parked_at, is_repaired, redriven_by)
     select sequence, parked_at, $3, $4 from unnest($1::bigint[], $2::timestamptz[]) as l (sequence, parked_at)
     order by sequence, parked_at
     on conflict (sequence, parked_at) do update
     set is_repaired = excluded.is_repaired, redriven_by = excluded.redriven_by, redriven_at = excluded.redriven_at`,
    [letters.map(({ sequence }) => sequence), letters.map(({ parkedAt }) => parkedAt), isRepaired, by],
  );
}

/** in: letters · out: sequence → its redrive, for those that were redriven · lock: none. */
export async function loadRedrives(
  manager: Pick<EntityManager, 'query'>,
  letters: readonly Letter[],
): Promise<Map<number, Redrive>> {
  if (letters.length === 0) return new Map();
  const rows: { sequence: string; redrive: Redrive }[] = await manager.query(
    `select r.sequence, json_build_object('at', r.redriven_at, 'by', r.redriven_by, 'isRepaired', r.is_repaired) as redrive
     from unnest($1::bigint[], $2::timestamptz[]) as l (sequence, parked_at) join redrives r using (sequence, parked_at)`,
    [letters.map(({ sequence }) => sequence), letters.map(({ parkedAt }) => parkedAt)],
  );
  return new Map(rows.map(({ sequence, redrive }) => [Number(sequence), redrive]));
}
