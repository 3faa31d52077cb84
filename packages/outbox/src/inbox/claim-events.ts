import { requireTransaction } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { claimKeys, type InboxKey } from '../sql/claim-keys.js';
import { readContents } from '../sql/read-contents.js';

/** `repeated`: a duplicate. `reused`: its id was claimed before, with another content. */
export type Claim = 'new' | 'repeated' | 'reused';

/**
 * Claims each key that this consumer has not claimed before, in the transaction of `manager`, which also holds the caller's
 * effects. A key that occurs twice in `keys` is new only once. Keys include the system, so that no system can use up another's
 * event ids.
 *
 * @throws PostgresUsageError `no_transaction` outside a transaction
 */
export async function claimEvents(
  manager: EntityManager,
  consumer: string,
  keys: readonly InboxKey[],
): Promise<Claim[]> {
  requireTransaction(manager, 'claimEvents');
  // Of two with one id the first counts, as if they had arrived one by one.
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

/** Replaces the contents of keys claimed earlier by those stored then. Duplicates are rare. */
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

/** A system's name has no space, so the text is unique. */
function toText(key: InboxKey): string {
  return `${key.system} ${key.eventId}`;
}
