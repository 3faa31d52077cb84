/** Full jitter, so that a crowd that failed together does not come back together. */
export interface Growth {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before try number `tries + 1`: doubles from `firstMs` up to `maxMs`, then the upper half is random.
 * @param random in [0, 1)
 */
export function growingDelayMs(growth: Growth, tries: number, random: number): number {
  const ceiling = Math.min(growth.maxMs, growth.firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Resolves after the time or as soon as the signal aborts, whichever comes first. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
  });
}

/** The promise's value, or null once the signal aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(null);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
