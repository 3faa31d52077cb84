import type { DeadLetterReason } from '@bellhop/contracts/streams';

/** Result of handling one delivery. */
export type Outcome =
  | { kind: 'done' }
  /** The event will never be usable. */
  | { kind: 'invalid'; reason: DeadLetterReason; detail: string }
  /** Something else failed: a connection, a lock, a shutdown. */
  | { kind: 'transient' }
  /** A bug, here or in the event. `failures`: how often, counting only tries with everything we need in place. */
  | { kind: 'failed'; failures: number; detail: string };

export type Settlement =
  | { action: 'ack' }
  | { action: 'nak'; delayMs: number }
  | { action: 'deadLetter'; reason: DeadLetterReason; detail: string };

/** After so many failures of a handler on one event it becomes a dead letter. */
export const MAX_FAILURES = 8;

/**
 * The whole policy. A transient error never ends in a dead letter, however often it happened; an event that cannot be
 * used becomes one at once; an unexpected error gets a few more tries.
 * @param delayMs how long to wait before the next try, should there be one
 */
export function settle(outcome: Outcome, delayMs: number): Settlement {
  switch (outcome.kind) {
    case 'done':
      return { action: 'ack' };
    case 'invalid':
      return { action: 'deadLetter', reason: outcome.reason, detail: outcome.detail };
    case 'transient':
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
