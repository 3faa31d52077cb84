import type { RelaySession } from '../relay/relay-session.js';

/** "bellhop" in ASCII, read as a number below 2^63. Advisory locks are per database, so one number is enough. */
const RELAY_LOCK = '27695060303146864';

/**
 * Result: whether this session is now the one that relays. Lock: a session advisory lock, held until the connection
 * ends, however it ends. Tried, not waited for: a waiting statement would hold back vacuum for as long as it waits.
 */
export async function tryLockRelay(session: RelaySession): Promise<boolean> {
  const rows = await session.query<{ locked: boolean }>('outbox_lock', 'select pg_try_advisory_lock($1) as locked', [
    RELAY_LOCK,
  ]);
  return rows[0]?.locked === true;
}

/** Gives the lock back before the connection returns to its pool. */
export async function unlockRelay(session: RelaySession): Promise<void> {
  await session.query('outbox_unlock', 'select pg_advisory_unlock($1)', [RELAY_LOCK]);
}
