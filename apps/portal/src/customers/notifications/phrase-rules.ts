import { MAX_PHRASE_LENGTH, MIN_PHRASE_LENGTH } from '@bellhop/contracts/constants';

/** What the service would refuse for certain: too short, too long, or like a link or an address. */
export function isGoodPhrase(text: string): boolean {
  const { length } = text.trim();
  return length >= MIN_PHRASE_LENGTH && length <= MAX_PHRASE_LENGTH && !/:\/\/|www\.|@/i.test(text);
}

const KEY = 'bellhop.phrase';
/** Longer than a sign-in takes, and no longer than the service takes one for recent. */
const KEPT_MS = 10 * 60_000;

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Keeps what was typed, in this tab, while the person signs in again. */
export function keepForReturn(storage: Kept, typed: string, now: number): void {
  attempt(() => storage.setItem(KEY, JSON.stringify({ typed, at: now })));
}

/** @returns what was typed, once; null where nobody has just gone to sign in */
export function takeAfterReturn(storage: Kept, now: number): string | null {
  const json = attempt(() => storage.getItem(KEY));
  attempt(() => storage.removeItem(KEY));
  const kept = attempt(() => JSON.parse(json ?? 'null') as { typed?: unknown; at?: unknown } | null);
  if (typeof kept?.typed !== 'string' || typeof kept.at !== 'number') return null;
  return now - kept.at < KEPT_MS ? kept.typed : null;
}

/** Storage may be switched off. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
