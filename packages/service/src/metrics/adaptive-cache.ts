/** A query that takes no longer is run every time. */
const CHEAP_MS = 20;
/** The part of the time that a slower query may run. */
const SHARE = 0.01;
/** An older result would mislead whoever watches. */
const MAX_AGE_MS = 60_000;

/**
 * Caches the result of a query whose cost grows with what it counts and that each scrape of `/metrics` needs. A slow result is kept
 * for a hundred times as long as the query took, a minute at most. Callers share a query that is running. Failures are not kept.
 */
export function adaptiveCache<T>(query: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  let isFreshUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (result && performance.now() < isFreshUntil) return result;
    const startedAt = performance.now();
    isFreshUntil = Number.POSITIVE_INFINITY;
    result = query();
    result.then(
      () => {
        const endedAt = performance.now();
        const tookMs = endedAt - startedAt;
        isFreshUntil = tookMs <= CHEAP_MS ? endedAt : endedAt + Math.min(tookMs / SHARE, MAX_AGE_MS);
      },
      () => {
        result = undefined;
      },
    );
    return result;
  };
}
