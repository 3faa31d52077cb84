import type { Outcome } from '../channels/channel.js';
import type { LeasedDelivery } from './delivery.js';
import { MAX_UNKNOWNS } from './expire-leases.js';
import { nextTryMs, repeatMs } from './ladder.js';

/** What becomes of a delivery after an attempt. */
export type Transition =
  | { readonly state: 'accepted'; readonly ref: string }
  | {
      readonly state: 'retrying';
      readonly reason: string;
      readonly waitMs: number;
      readonly isFree?: boolean;
      readonly isAlone?: boolean;
    }
  | { readonly state: 'unknown'; readonly reason: string; readonly waitMs: number }
  | {
      readonly state: 'dead';
      readonly reason: string;
      readonly detail?: string;
      readonly suppress?: boolean;
      /** This attempt had no answer, either. */
      readonly isUnanswered?: boolean;
    };

export interface TransitionPolicy {
  /** The provider recognises a repeated key: what is unknown goes again until the key is too old (`preparation.ts`). */
  readonly isIdempotent: boolean;
  /** How long to wait for a late answer where it does not, in milliseconds. */
  readonly unknownWaitMs: number;
}

/** When a provider that throttles everybody does not say for how long. */
const THROTTLED_MS = 1_000;

/**
 * The state after an outcome. Pure.
 * @param delivery as it was claimed, so that its counters do not hold this attempt yet
 * @param random from 0 up to, not including, 1
 */
export function transition(
  delivery: Pick<LeasedDelivery, 'tries' | 'unknowns'>,
  outcome: Outcome,
  policy: TransitionPolicy,
  random: number,
): Transition {
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'accepted', ref: outcome.ref };
    case 'refused':
      return {
        state: 'dead',
        reason: outcome.suppress ? 'address_refused' : 'refused',
        detail: outcome.reason,
        suppress: outcome.suppress,
      };
    case 'unknown':
      return withoutAnswer(delivery, outcome.cause, policy, random);
    case 'throttled':
      if (outcome.isForAll) {
        return {
          state: 'retrying',
          reason: outcome.reason,
          waitMs: outcome.retryAfterMs ?? THROTTLED_MS,
          isFree: true,
        };
      }
      return later(delivery, outcome.reason, waitMs(delivery, policy, random, outcome.retryAfterMs));
    case 'not_sent': {
      const next = later(delivery, outcome.cause, waitMs(delivery, policy, random));
      return next.state === 'retrying' && outcome.isAlone ? { ...next, isAlone: true } : next;
    }
  }
}

function withoutAnswer(
  { unknowns }: Pick<LeasedDelivery, 'unknowns'>,
  cause: string,
  { isIdempotent, unknownWaitMs }: TransitionPolicy,
  random: number,
): Transition {
  if (isIdempotent) return { state: 'unknown', reason: cause, waitMs: repeatMs(unknowns + 1, random) };
  if (unknowns + 1 >= MAX_UNKNOWNS) return { state: 'dead', reason: 'no_answer', detail: cause, isUnanswered: true };
  return { state: 'unknown', reason: cause, waitMs: unknownWaitMs };
}

/** While an earlier attempt may have arrived, only its key can tell: trying does not end before the key does. */
function waitMs(
  { tries, unknowns }: Pick<LeasedDelivery, 'tries' | 'unknowns'>,
  { isIdempotent }: TransitionPolicy,
  random: number,
  retryAfterMs?: number,
): number | null {
  if (isIdempotent && unknowns > 0) return retryAfterMs ?? repeatMs(unknowns, random);
  return nextTryMs(tries + 1, random, retryAfterMs);
}

function later({ unknowns }: Pick<LeasedDelivery, 'unknowns'>, reason: string, wait: number | null): Transition {
  if (wait !== null) return { state: 'retrying', reason, waitMs: wait };
  // A delivery that nobody knows the fate of stays that: "out of tries" would claim that it never arrived.
  return { state: 'dead', reason: unknowns > 0 ? 'no_answer' : 'out_of_tries', detail: reason };
}
