import type { DeadLetterReason } from '@bellhop/contracts/streams';

/** What became of one delivery in our hands. */
export type Outcome =
  | { kind: 'done' }
  /** The event will never be usable. */
  | { kind: 'invalid'; reason: DeadLetterReason; detail: string }
  /** Something else is away: a connection, a lock, a shutdown. */
  | { kind: 'passing' }
  /** A bug, here or in the event. `failures`: how often, counting only tries with everything we need in place. */
  | { kind: 'failed'; failures: number; detail: string };

export type Settlement =
  | { action: 'ack' }
  | { action: 'nak'; delayMs: number }
  | { action: 'deadLetter'; reason: DeadLetterReason; detail: string };

/** After so many failures of a handler on one event it is parked. */
export const MAX_FAILURES = 8;

/**
 * The whole policy. A passing fault never ends in a dead letter, however often it happened; an event that cannot be
 * used goes there at once; an error that nobody foresaw gets a few more chances.
 * @param delayMs how long to wait before the next try, should there be one
 */
export function settle(outcome: Outcome, delayMs: number): Settlement {
  switch (outcome.kind) {
    case 'done':
      return { action: 'ack' };
    case 'invalid':
      return { action: 'deadLetter', reason: outcome.reason, detail: outcome.detail };
    case 'passing':
      return { action: 'nak', delayMs };
    case 'failed':
      if (outcome.failures < MAX_FAILURES) return { action: 'nak', delayMs };
      return {
        action: 'deadLetter',
        reason: 'handler_failed',
        detail: `the service failed ${outcome.failures} times on this event: ${outcome.detail}`,
      };
  }
}
