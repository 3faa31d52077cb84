import type { Outcome } from '../channels/channel.js';
import type { LeasedDelivery } from './delivery.js';
import { MAX_UNKNOWNS } from './expire-leases.js';
import { nextTryMs } from './ladder.js';

/** What becomes of a delivery after an attempt. */
export type Transition =
  | { readonly state: 'accepted'; readonly ref: string }
  | { readonly state: 'retrying'; readonly reason: string; readonly waitMs: number }
  | { readonly state: 'unknown'; readonly reason: string }
  | { readonly state: 'dead'; readonly reason: string; readonly detail?: string; readonly suppress?: boolean };

/**
 * The state after an outcome. Pure.
 * @param delivery as it was claimed, so that its counters do not hold this attempt yet
 * @param random from 0 up to, not including, 1
 */
export function transition(delivery: LeasedDelivery, outcome: Outcome, random: number): Transition {
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
      if (delivery.unknowns + 1 >= MAX_UNKNOWNS) return { state: 'dead', reason: 'no_answer', detail: outcome.cause };
      return { state: 'unknown', reason: outcome.cause };
    case 'throttled':
      return later(delivery, outcome.reason, nextTryMs(delivery.tries + 1, random, outcome.retryAfterMs));
    case 'not_sent':
      return later(delivery, outcome.cause, nextTryMs(delivery.tries + 1, random));
  }
}

function later(delivery: LeasedDelivery, reason: string, waitMs: number | null): Transition {
  if (waitMs !== null) return { state: 'retrying', reason, waitMs };
  // A delivery that nobody knows the fate of stays that: "out of tries" would claim that it never arrived.
  return { state: 'dead', reason: delivery.unknowns > 0 ? 'no_answer' : 'out_of_tries', detail: reason };
}
