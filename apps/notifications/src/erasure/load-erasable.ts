import { everyRow } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

export interface Erasable {
  readonly ids: readonly string[];
  /** Frozen requests that contain any of them. */
  readonly batchIds: readonly string[];
  /** One of these requests is being sent, or was sent without an answer. */
  readonly isInFlight: boolean;
}

/**
 * Finds a person's deliveries, and whether they can be deleted now.
 * in: keys of recipients · out: their deliveries · lock: those rows · race: a dispatcher that has claimed one cannot begin to send it
 * after the deletion, because it would have to update the row first.
 */
export async function loadErasable(manager: EntityManager, keys: readonly string[]): Promise<Erasable> {
  const ids: string[] = [];
  const theirs = new Set(keys);
  const rows = { columns: 'id, recipient_key as key', table: 'deliveries' };
  await everyRow<{ id: string; key: string }>(manager, rows, ({ id, key }) => {
    if (theirs.has(key)) ids.push(id);
  });
  const locked: { batch_id: string | null; state: string }[] = await manager.query(
    'select batch_id, state from deliveries where id = any ($1::uuid[]) order by id for update',
    [ids],
  );
  const batchIds = [...new Set(locked.flatMap(({ batch_id }) => batch_id ?? []))];
  const [{ isShared }]: [{ isShared: boolean }] = await manager.query(
    `select exists (
       select from deliveries where batch_id = any ($1::uuid[]) and settled_at is null
         and (state = 'sending' or unknowns > 0) and not id = any ($2::uuid[])) as "isShared"`,
    [batchIds, ids],
  );
  return { ids, batchIds, isInFlight: isShared || locked.some(({ state }) => state === 'sending') };
}
