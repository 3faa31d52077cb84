export interface Backoff {
  /** The longest delay after the first failure, in milliseconds. It doubles with each further one. */
  readonly firstMs: number;
  /** The longest delay of all, in milliseconds. */
  readonly maxMs: number;
}

/**
 * How long to wait after `failures` failures in a row, in milliseconds. Exponential with equal jitter: the delay doubles from
 * `firstMs` up to `maxMs`, one half of it is fixed and the other random, so that a crowd that failed together does not come
 * back together.
 * @param random in [0, 1), for tests
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random = Math.random()): number {
  const longest = Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(longest / 2 + (longest / 2) * random);
}
