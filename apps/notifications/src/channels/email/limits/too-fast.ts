import type { Outcome } from '../../channel.js';

/** A mail that was not sent, because other replicas use the limit. It is no try of its delivery. */
export function tooFast(waitMs: number): Outcome {
  return { kind: 'throttled', reason: 'rate_limited', retryAfterMs: waitMs, isForAll: true, isOurLimit: true };
}
