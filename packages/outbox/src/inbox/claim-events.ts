import { requireTransaction } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { claimKeys, type InboxKey } from '../sql/claim-keys.js';
import { readContents } from '../sql/read-contents.js';

/** `repeated`: the same event again. `reused`: its id was claimed before, with another content. */
export type Claim = 'new' | 'repeated' | 'reused';

/**
 * Tells for each key whether this consumer sees it for the first time; if so, it is claimed in the transaction of
 * `manager`, together with the effect that the caller writes. A key that stands twice in `keys` is new only once.
 * Keys begin with the system, so that no system can use up another's event ids.
 *
 * @throws PostgresUsageError `no_transaction` outside a transaction
 */
export async function claimEvents(
  manager: EntityManager,
  consumer: string,
  keys: readonly InboxKey[],
): Promise<Claim[]> {
  requireTransaction(manager, 'claimEvents');
  // Of two with one id the first counts: it would have done so, had they come one by one.
  const distinct = new Map<string, InboxKey>();
  for (const key of keys) if (!distinct.has(toText(key))) distinct.set(toText(key), key);
  if (distinct.size === 0) return [];
  const unclaimed = new Set((await claimKeys(manager, consumer, [...distinct.values()])).map(toText));
  const known = new Map([...distinct].map(([text, { content }]) => [text, content ?? null]));
  await correctClaimed(
    manager,
    consumer,
    [...distinct.values()].filter((key) => key.content && !unclaimed.has(toText(key))),
    known,
  );
  return keys.map((key) => {
    const text = toText(key);
    if (unclaimed.delete(text)) return 'new';
    const first = known.get(text);
    return key.content && first && !key.content.equals(first) ? 'reused' : 'repeated';
  });
}

/** Puts what was claimed earlier in the place of what came now. Few events come twice. */
async function correctClaimed(
  manager: EntityManager,
  consumer: string,
  claimed: readonly InboxKey[],
  known: Map<string, Buffer | null>,
): Promise<void> {
  if (claimed.length === 0) return;
  const contents = await readContents(manager, consumer, claimed);
  for (const [index, key] of claimed.entries()) known.set(toText(key), contents[index] ?? null);
}

/** A system's name has no space, so two different keys never give the same text. */
function toText(key: InboxKey): string {
  return `${key.system} ${key.eventId}`;
}
