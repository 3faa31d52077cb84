import type { DeliveryState, ReplayView } from '@bellhop/contracts/http';
import type { PreSendVerdict } from '../dispatch/preparation/pre-send-check.js';

/** The state of a delivery when it is replayed. */
export interface ReplayFacts {
  readonly id: string;
  readonly channel: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** Unanswered attempts. */
  readonly unknowns: number;
  /** It keeps its request and its counters; otherwise it gets a fresh request. Decided by the statement that replays it. */
  readonly keeps: boolean;
  /** The frozen request is stored, and its key is young enough for a provider to recognise it. */
  readonly hasFrozenRequest: boolean;
  /** Its code was wiped: there is nothing to send. */
  readonly isWiped: boolean;
}

/**
 * What a replay means for the recipient, for the operator who decides. Pure.
 * @param isIdempotent the channel's provider recognises a repeated key
 * @param verdict what the pre-send check would say now
 */
export function replayOf(facts: ReplayFacts, isIdempotent: boolean, verdict?: PreSendVerdict): ReplayView {
  const { id, state, reason } = facts;
  const refusal = verdict?.kind === 'skip' ? verdict.reason : null;
  const key = facts.keeps && facts.hasFrozenRequest ? 'same' : 'new';
  const [mayDuplicate, why] = risk(facts, isIdempotent);
  return { deliveryId: id, state, reason, key, mayDuplicate, why, refusal };
}

function risk(
  { state, reason, unknowns, keeps, hasFrozenRequest }: ReplayFacts,
  isIdempotent: boolean,
): [boolean, string] {
  if (state === 'accepted') return [true, 'The provider accepted it already: this is a second message, on purpose.'];
  const hasUnanswered = unknowns > 0 || reason?.split(':')[0] === 'no_answer';
  if (!hasUnanswered) return [false, 'The provider accepted none of its attempts.'];
  if (!keeps || !hasFrozenRequest) {
    return [true, 'An attempt had no answer, so the provider may have it, and no key protects a fresh request.'];
  }
  return isIdempotent
    ? [
        false,
        'An attempt had no answer; the same bytes are sent again under the same key, which the provider recognises.',
      ]
    : [true, 'An attempt had no answer, and its provider does not recognise keys: the same bytes are sent again.'];
}
