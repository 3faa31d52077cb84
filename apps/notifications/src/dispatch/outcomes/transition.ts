import type { Outcome } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';
import { MAX_UNKNOWNS } from '../leases/expire-leases.js';
import { LONGEST_WAIT_IN_TIME_MS, nextTryInTimeMs, nextTryMs, type RetrySchedule, repeatMs } from './retry-schedule.js';

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
  /** Certainly not taken, and another attempt would be too late, or there is nobody to make it for. */
  | { readonly state: 'skipped'; readonly reason: 'expired' | 'no_device'; readonly detail?: string }
  | {
      readonly state: 'dead';
      readonly reason: string;
      readonly detail?: string;
      readonly suppress?: boolean;
      /** This attempt had no answer, either. */
      readonly isUnanswered?: boolean;
    };

export interface TransitionPolicy {
  /** The provider recognises a repeated key: an unanswered attempt is repeated until the key is too old (`repeats.ts`). */
  readonly isIdempotent: boolean;
  readonly retrySchedule: RetrySchedule;
  /** How long to wait for a late answer where it does not, in milliseconds. */
  readonly unknownWaitMs: number;
}

/** When an attempt ended, and the random number for its wait. */
export interface Moment {
  readonly now: Date;
  /** From 0 up to, not including, 1. */
  readonly random: number;
}

type Attempted = Pick<LeasedDelivery, 'tries' | 'unknowns' | 'expiresAt'>;

/** The wait when a provider throttles all deliveries and does not say for how long. */
const THROTTLED_MS = 1_000;

/**
 * The state after an outcome. Pure.
 * @param delivery as it was claimed, so that its counters do not hold this attempt yet
 */
export function transition(
  delivery: Attempted,
  outcome: Outcome,
  policy: TransitionPolicy,
  moment: Moment,
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
      return withoutAnswer(delivery, outcome.cause, policy, moment);
    case 'skipped':
      // An earlier attempt may have arrived: any other end would claim that it did not.
      return delivery.unknowns > 0
        ? { state: 'dead', reason: 'no_answer', detail: outcome.reason }
        : { state: 'skipped', reason: outcome.reason };
    case 'throttled': {
      if (mayMove(delivery, outcome)) return moved(outcome.reason);
      if (!outcome.isForAll) {
        return later(delivery, outcome.reason, waitMs(delivery, policy, moment, outcome.retryAfterMs));
      }
      const allWaitMs = outcome.retryAfterMs ?? THROTTLED_MS;
      const next = later(delivery, outcome.reason, allWaitMs < leftMs(delivery, moment) ? allWaitMs : null);
      return next.state === 'retrying' ? { ...next, isFree: true } : next;
    }
    case 'not_sent': {
      if (mayMove(delivery, outcome)) return moved(outcome.cause);
      const next = later(delivery, outcome.cause, waitMs(delivery, policy, moment));
      return next.state === 'retrying' && outcome.isAlone ? { ...next, isAlone: true } : next;
    }
  }
}

/** To another provider; not while an earlier attempt may have arrived: then only this one can tell. */
function mayMove({ unknowns }: Attempted, { hasOther }: { readonly hasOther?: boolean }): boolean {
  return hasOther === true && unknowns === 0;
}

/** At once, since nothing is wrong with the delivery. */
function moved(reason: string): Transition {
  return { state: 'retrying', reason, waitMs: 0, isFree: true };
}

function withoutAnswer(
  { unknowns, expiresAt }: Attempted,
  cause: string,
  { isIdempotent, retrySchedule, unknownWaitMs }: TransitionPolicy,
  { random }: Moment,
): Transition {
  if (isIdempotent) {
    const repeat = repeatMs(retrySchedule, unknowns + 1, random);
    return { state: 'unknown', reason: cause, waitMs: expiresAt ? Math.min(repeat, LONGEST_WAIT_IN_TIME_MS) : repeat };
  }
  if (unknowns + 1 >= MAX_UNKNOWNS) return { state: 'dead', reason: 'no_answer', detail: cause, isUnanswered: true };
  return { state: 'unknown', reason: cause, waitMs: unknownWaitMs };
}

/** While an earlier attempt may have arrived, only its key can tell: attempts do not end before the key expires. */
function waitMs(
  delivery: Attempted,
  { isIdempotent, retrySchedule }: TransitionPolicy,
  moment: Moment,
  retryAfterMs?: number,
): number | null {
  const { tries, unknowns, expiresAt } = delivery;
  const { random } = moment;
  if (expiresAt) {
    return nextTryInTimeMs(retrySchedule, { tries: tries + 1, random, leftMs: leftMs(delivery, moment), retryAfterMs });
  }
  if (isIdempotent && unknowns > 0) return retryAfterMs ?? repeatMs(retrySchedule, unknowns, random);
  return nextTryMs(retrySchedule, tries + 1, random, retryAfterMs);
}

function leftMs({ expiresAt }: Attempted, { now }: Moment): number {
  return expiresAt ? expiresAt.getTime() - now.getTime() : Number.POSITIVE_INFINITY;
}

function later({ unknowns, expiresAt }: Attempted, reason: string, wait: number | null): Transition {
  if (wait !== null) return { state: 'retrying', reason, waitMs: wait };
  // An earlier attempt may have arrived: any other end would claim that it did not.
  if (unknowns > 0) return { state: 'dead', reason: 'no_answer', detail: reason };
  if (expiresAt) return { state: 'skipped', reason: 'expired', detail: reason };
  return { state: 'dead', reason: 'out_of_tries', detail: reason };
}
