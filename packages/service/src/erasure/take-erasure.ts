import type { EntityManager } from 'typeorm';

/**
 * Takes an erasure in hand. in: its id · out: whether it is ours to carry out · lock: its row, until the transaction ends ·
 * race: another replica has it in hand, and this one goes on to the next.
 */
export async function takeErasure(manager: EntityManager, id: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    'select id from erasures where id = $1 and erased_at is null for update skip locked',
    [id],
  );
  return rows.length > 0;
}

/** Enters that it is done, and what was erased, in the transaction that has erased it. in: id, counts · out: nothing · lock, race: as above. */
export async function finishErasure(
  manager: EntityManager,
  id: string,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await manager.query('update erasures set erased_at = now(), counts = $2 where id = $1', [id, JSON.stringify(counts)]);
}
