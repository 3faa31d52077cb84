import type { TemplateName } from '@bellhop/email-templates';
import type { ChannelName } from '../planning/plan.js';
import type { Role } from '../planning/recipients.js';

/** One message to the team about many tickets. */
export const TICKETS_WAITING = 'tickets_waiting';

/** What a delivery says: that something happened, that much did, or what a guest requested. */
export type DeliveryTemplate = TemplateName | 'code';

/** The priority of what a guest asked for: before emergencies. */
export const AT_ONCE = 0;

/** A delivery as a dispatcher holds it while its lease lasts. */
export interface LeasedDelivery {
  readonly id: string;
  /** Counts claims. Every later transition names it, so that a dispatcher that lost its lease can change nothing. */
  readonly fence: number;
  readonly channel: ChannelName;
  readonly system: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  readonly ticketUrl: string | null;
  readonly version: number;
  readonly recipientKey: string;
  readonly role: Role;
  readonly recipientKind: 'user' | 'guest' | 'agent';
  readonly recipientId: string | null;
  /** Where the channel reaches the person. */
  readonly endpoint: string;
  /** What ceilings count by: all endpoints of one person. */
  readonly ceilingKey: string;
  /** What suppressions know the endpoint by. */
  readonly suppressionKey: string;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly template: DeliveryTemplate;
  readonly templateVersion: number;
  readonly at: Date | null;
  readonly replies: number;
  readonly eventIds: readonly string[];
  /** Attempts made before this one. */
  readonly tries: number;
  /** Attempts whose outcome nobody knows. */
  readonly unknowns: number;
  /** The request that it went with at its last attempt, and goes with again while nobody knows what became of that. */
  readonly batchId: string | null;
  /** What the provider calls it, told by a webhook that came before, or instead of, the answer: proof that it was taken. */
  readonly providerRef: string | null;
  /** How often an operator has had it made anew. */
  readonly generation: number;
  /** How often it had been taken and was sent again on purpose. */
  readonly copies: number;
  /** It goes by itself: a code, or one whose request was shared with others and refused as a whole. */
  readonly isAlone: boolean;
  /** The challenge or request of the guest who asked for it; null for alerts. */
  readonly requestId: string | null;
  readonly expiresAt: Date | null;
  readonly firstAt: Date;
}

/** Who holds what, in the arrays that the guarded updates take. */
export function fences(deliveries: readonly Pick<LeasedDelivery, 'id' | 'fence'>[]): [string[], number[]] {
  return [deliveries.map(({ id }) => id), deliveries.map(({ fence }) => fence)];
}
