import { setTimeout as sleep } from 'node:timers/promises';
import { readBacklog } from '@bellhop/outbox';
import type { ServiceParts } from './service-parts.js';

const MAX_WAIT_MS = 1_000;
const POLL_MS = 20;

/**
 * Waits until the outbox is empty, for a second at most, and only while events can be published. When it stops, the relay only finishes
 * its current batch, which was read before the last requests committed. Never rejects.
 */
export async function outboxEmptied({ database, relay }: Pick<ServiceParts, 'database' | 'relay'>): Promise<void> {
  const isLate = AbortSignal.timeout(MAX_WAIT_MS);
  const empty = (async () => {
    while (!isLate.aborted && database.isReady && relay.problem() === null) {
      if ((await readBacklog(database.background)).count === 0) return;
      await sleep(POLL_MS);
    }
  })();
  // A hanging server would answer the query much later.
  await Promise.race([empty.catch(() => undefined), sleep(MAX_WAIT_MS, undefined, { ref: false })]);
}
