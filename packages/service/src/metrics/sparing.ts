/** What takes no longer is asked every time. */
const CHEAP_MS = 20;
/** What anything else may take of the time of whoever answers. */
const SHARE = 0.01;
/** Older than this it would mislead who watches. */
const MAX_AGE_MS = 60_000;

/**
 * For questions that grow with what they count and are asked by whoever reads `/metrics`: one that was slow is asked again only
 * when a hundred times as long has passed as its answer took, a minute at most, and gives that answer until then. Whoever asks meanwhile waits for
 * the same answer. A question that fails is asked again the next time.
 */
export function sparing<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let isGoodUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (answer && performance.now() < isGoodUntil) return answer;
    const askedAt = performance.now();
    isGoodUntil = Number.POSITIVE_INFINITY;
    answer = ask();
    answer.then(
      () => {
        const endedAt = performance.now();
        const tookMs = endedAt - askedAt;
        isGoodUntil = tookMs <= CHEAP_MS ? endedAt : endedAt + Math.min(tookMs / SHARE, MAX_AGE_MS);
      },
      () => {
        answer = undefined;
      },
    );
    return answer;
  };
}
