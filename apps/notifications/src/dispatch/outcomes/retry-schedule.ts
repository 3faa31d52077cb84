const MINUTE_MS = 60_000;

/** How long to wait after the first, second, … attempt that certainly failed, in milliseconds. */
export type RetrySchedule = readonly number[];

/**
 * The wait before the next try, in milliseconds, or null when there is none left.
 * Full jitter: anything up to the step, so that what failed together does not come back together
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/). What the provider asks for wins.
 * @param tries attempts made so far, at least 1
 * @param random from 0 up to, not including, 1
 */
export function nextTryMs(
  schedule: RetrySchedule,
  tries: number,
  random: number,
  retryAfterMs?: number,
): number | null {
  const step = schedule[tries - 1];
  if (step === undefined) return null;
  return retryAfterMs ?? Math.round(step * random);
}

/** Between two attempts at a mail that is worth something for minutes only. */
export const LONGEST_WAIT_IN_TIME_MS = MINUTE_MS;

/** So many tries may come as soon as the provider says. */
const HURRIED_TRIES = 5;

/**
 * The wait before the next try of a mail that is worth something for minutes only, in milliseconds, or null when that would be too late.
 * Up the ladder until its steps are longer than a minute, then about a minute each time, since nobody knows how long a greylist waits
 * (one to five minutes, RFC 6647 §5). As many tries as fit in. What the provider asks for wins, but a shorter wait than ours for the
 * first tries only: "in 1 second", said each time, would be hundreds of them.
 * @param leftMs until it expires
 */
export function nextTryInTimeMs(
  schedule: RetrySchedule,
  {
    tries,
    random,
    leftMs,
    retryAfterMs,
  }: { tries: number; random: number; leftMs: number; retryAfterMs?: number | undefined },
): number | null {
  const step = schedule[tries - 1] ?? Number.POSITIVE_INFINITY;
  const aboutAMinute = MINUTE_MS * (0.75 + random / 2);
  const ownMs = Math.round(step < MINUTE_MS ? step * random : aboutAMinute);
  const waitMs = tries <= HURRIED_TRIES ? (retryAfterMs ?? ownMs) : Math.max(retryAfterMs ?? 0, ownMs);
  return waitMs < leftMs ? waitMs : null;
}

/** The longest wait between two attempts at something of which nobody knows whether it arrived. */
const LONGEST_REPEAT_MS = 30 * MINUTE_MS;

/**
 * The wait before a request without an answer goes again under its key, in milliseconds. Up the same ladder, but never long:
 * the key is good for a day only, and until then somebody may wait for a mail in vain.
 * @param unknowns attempts without an answer so far, at least 1
 */
export function repeatMs(schedule: RetrySchedule, unknowns: number, random: number): number {
  const step = schedule[unknowns - 1] ?? LONGEST_REPEAT_MS;
  return Math.round(Math.min(step, LONGEST_REPEAT_MS) * random);
}
