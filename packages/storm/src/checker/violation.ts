export const VIOLATION_NAMES = [
  'lost',
  'notified_twice',
  'never_committed',
  'misdirected',
  'misrecorded',
  'told_of_seen',
  'stale_page',
  'stuck',
  'stream_duplicate',
  'stream_loss',
  'outcome_unpublished',
  'dead_lettered',
  'feedback',
  'crashed',
] as const;
export type ViolationName = (typeof VIOLATION_NAMES)[number];

/** A promise that did not hold. */
export interface Violation {
  readonly name: ViolationName;
  /** Events, deliveries, keys: what to look for in the evidence. */
  readonly ids: readonly string[];
  /** One sentence. */
  readonly says: string;
}

export function violation(name: ViolationName, ids: readonly string[], says: string): Violation {
  return { name, ids, says };
}
