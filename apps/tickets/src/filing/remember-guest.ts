import type { EntityManager } from 'typeorm';

/**
 * Inputs: the key and the normalised address of a guest, now. Result: their row exists. Lock: that row, until the transaction ends.
 * Race: filings with one address are serialised here, so that each counts the one before; an erasure of the address either waits and
 * finds it in use again, or is done, and the row is inserted again.
 */
export async function rememberGuest(manager: EntityManager, key: string, email: string, now: Date): Promise<void> {
  await manager.query(
    `insert into people (id, kind, is_agent, email, changed_at) values ($1, 'guest', false, $2, $3)
     on conflict (id) do update set changed_at = excluded.changed_at`,
    [key, email, now],
  );
}
