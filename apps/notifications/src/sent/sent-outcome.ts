import type { DeliveryState, SentOutcome } from '@bellhop/contracts/http';

/** How a delivery stands in the record. */
export interface Standing {
  readonly channel: string;
  readonly state: DeliveryState;
  /** Its stable word, without what a provider said. */
  readonly reason: string | null;
  readonly feedback: string | null;
}

/** What became of a delivery, for the person who was to get it. Pure. What the provider reported later outweighs its state. */
export function outcomeOf({ channel, state, reason, feedback }: Standing): {
  outcome: SentOutcome;
  reason: string | null;
} {
  if (feedback === 'bounced') return { outcome: 'bounced', reason: null };
  // Who complains about a mail has it.
  if (feedback === 'delivered' || feedback === 'complained') return { outcome: 'delivered', reason: null };
  switch (state) {
    case 'accepted':
      return { outcome: channel === 'feed' ? 'delivered' : 'sent', reason: null };
    case 'skipped':
      return { outcome: 'not_sent', reason };
    case 'dead':
      return reason === 'no_answer' ? { outcome: 'unknown', reason: null } : { outcome: 'not_sent', reason };
    default:
      return { outcome: 'waiting', reason: null };
  }
}
