const MINUTE_MS = 60_000;

/** How long to wait after the first, second, … attempt that certainly failed, in milliseconds. */
export type RetrySchedule = readonly number[];

/**
 * The wait before the next attempt, in milliseconds, or null when the schedule is used up.
 * Full jitter: any wait up to the step, so that attempts that failed together are not repeated together
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/). A wait that the provider asks for takes precedence.
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

/** The longest wait between two attempts at a delivery that expires. */
export const LONGEST_WAIT_IN_TIME_MS = MINUTE_MS;

/** So many attempts may be as early as the provider says. */
const HURRIED_TRIES = 5;

/**
 * The wait before the next attempt at a delivery that expires, in milliseconds, or null when it would be too late.
 * Follows the schedule while its steps are below a minute, then about a minute each time: greylisting lasts one to five minutes
 * (RFC 6647 §5). A wait that the provider asks for takes precedence; one shorter than ours only for the first attempts, since
 * "in 1 second" each time would mean hundreds of them.
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

/** The longest wait before an unanswered attempt is repeated. */
const LONGEST_REPEAT_MS = 30 * MINUTE_MS;

/**
 * The wait before an unanswered request is repeated under its key, in milliseconds. Follows the schedule, but never long: the
 * provider remembers the key for a day only, and the message may not have arrived.
 * @param unknowns unanswered attempts so far, at least 1
 */
export function repeatMs(schedule: RetrySchedule, unknowns: number, random: number): number {
  const step = schedule[unknowns - 1] ?? LONGEST_REPEAT_MS;
  return Math.round(Math.min(step, LONGEST_REPEAT_MS) * random);
}
