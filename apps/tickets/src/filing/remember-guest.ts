import type { EntityManager } from 'typeorm';

/**
 * Inputs: the key and the normalised address of a guest, now. Result: their row is there. Lock: that row, until the transaction ends.
 * Race: filings with one address take turns here, so each counts what the one before has added; and whoever is about to
 * forget the address either waits and finds it used again, or is done, and then it is written anew.
 */
export async function rememberGuest(manager: EntityManager, key: string, email: string, now: Date): Promise<void> {
  await manager.query(
    `insert into people (id, kind, is_agent, email, changed_at) values ($1, 'guest', false, $2, $3)
     on conflict (id) do update set changed_at = excluded.changed_at`,
    [key, email, now],
  );
}
