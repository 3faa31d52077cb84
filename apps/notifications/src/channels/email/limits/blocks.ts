/** A larger limit is none: more requests than a replica can make. */
export const MAX_LIMIT = 1_000;
/** Blocks that a limit is divided into, where it is large enough. */
const BLOCKS = 10;
/** The part of a limit that alerts may use; the rest is kept for what guests wait for. */
const ALERTS = 0.7;

/** How a limit is divided among replicas. Blocks are numbered from 0. */
export interface Blocks {
  readonly count: number;
  /** The first so many are for alerts, too; the others only for what guests have requested. */
  readonly forAlerts: number;
  /** Requests per window in a block; the last one may be smaller. */
  readonly size: number;
}

/** @param limit requests per window, from 1 to {@link MAX_LIMIT} */
export function blocksOf(limit: number): Blocks {
  const size = Math.max(Math.floor(limit / BLOCKS), 1);
  const forAlerts = Math.max(Math.floor(Math.floor(limit * ALERTS) / size), 1);
  return { count: Math.ceil(limit / size), forAlerts, size };
}

/** Requests per window in these blocks. */
export function tokensIn(numbers: readonly number[], limit: number): number {
  const { count, size } = blocksOf(limit);
  const sizeOf = (number: number) => (number < count - 1 ? size : limit - size * (count - 1));
  return numbers.filter((number) => number < count).reduce((sum, number) => sum + sizeOf(number), 0);
}

/** So many blocks, whichever they are, hold so many requests: the last one may be smaller. */
export function blocksFor(requests: number, limit: number): number {
  const { size } = blocksOf(limit);
  return Math.ceil(requests / size) + (limit % size > 0 ? 1 : 0);
}
