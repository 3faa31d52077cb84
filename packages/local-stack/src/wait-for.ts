import { WaitTimeoutError } from './local-stack.errors.js';

/**
 * Asks again and again until `probe` answers something other than undefined, null or false, and returns that.
 * A probe that throws is asked again; its last error becomes the cause when the time is up. `timeoutMs` is 20 s: plenty also
 * on a busy machine, and less than the `ack_wait` of 30 s, so that no redelivery hides a loss.
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = 20_000, what = 'a state' }: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    try {
      const answer = await probe();
      cause = undefined;
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new WaitTimeoutError(what, timeoutMs, { cause });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
