import type { EntityManager } from 'typeorm';
import { requireTransaction } from '../append-events.js';
import { claimKeys, type InboxKey } from '../sql/claim-keys.js';

/**
 * Tells for each key whether this consumer sees it for the first time; if so, it is claimed in the transaction of
 * `manager`, together with the effect that the caller writes. A key that stands twice in `keys` is new only once.
 * Keys begin with the system, so that no system can use up another's event ids.
 *
 * @throws OutboxError `no_transaction` outside a transaction
 */
export async function claimEvents(
  manager: EntityManager,
  consumer: string,
  keys: readonly InboxKey[],
): Promise<boolean[]> {
  requireTransaction(manager, 'claimEvents');
  const distinct = new Map(keys.map((key) => [toText(key), key]));
  if (distinct.size === 0) return [];
  const unclaimed = new Set((await claimKeys(manager, consumer, [...distinct.values()])).map(toText));
  return keys.map((key) => unclaimed.delete(toText(key)));
}

/** A system's name has no space, so two different keys never give the same text. */
function toText(key: InboxKey): string {
  return `${key.system} ${key.eventId}`;
}
