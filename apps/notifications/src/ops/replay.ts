import type { DeliveryState, ReplayView } from '@bellhop/contracts/http';
import type { PreSendVerdict } from '../dispatch/preparation/pre-send-check.js';

/** Where a delivery was when it was replayed. */
export interface ReplayFacts {
  readonly id: string;
  readonly channel: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** Attempts whose outcome nobody knows. */
  readonly unknowns: number;
  /** It keeps its request and its counters; otherwise a fresh request is made. Decided by the statement that moves it. */
  readonly keeps: boolean;
  /** The exact request rests, and a provider that remembers keys still knows its key. */
  readonly rests: boolean;
  /** It was a code's, and the code is gone: there is nothing to send. */
  readonly isWiped: boolean;
}

/**
 * What a replay means for the person who waits, in words for the one who decides. Pure.
 * @param isIdempotent the channel's provider recognises a repeated key
 * @param verdict what the pre-send check would say now
 */
export function replayOf(facts: ReplayFacts, isIdempotent: boolean, verdict?: PreSendVerdict): ReplayView {
  const { id, state, reason } = facts;
  const refusal = verdict?.kind === 'skip' ? verdict.reason : null;
  const key = facts.keeps && facts.rests ? 'same' : 'new';
  const [mayDuplicate, why] = risk(facts, isIdempotent);
  return { deliveryId: id, state, reason, key, mayDuplicate, why, refusal };
}

function risk({ state, reason, unknowns, keeps, rests }: ReplayFacts, isIdempotent: boolean): [boolean, string] {
  if (state === 'accepted') return [true, 'The provider took it already: this is a second message, on purpose.'];
  const isUnsure = unknowns > 0 || reason?.split(':')[0] === 'no_answer';
  if (!isUnsure) return [false, 'The provider took none of its attempts.'];
  if (!keeps || !rests) {
    return [true, 'An attempt had no answer, so the provider may have it, and no key protects a fresh request.'];
  }
  return isIdempotent
    ? [false, 'An attempt had no answer; the same bytes go again under the same key, which the provider recognises.']
    : [true, 'An attempt had no answer, and its provider knows no keys: the same bytes go again.'];
}
