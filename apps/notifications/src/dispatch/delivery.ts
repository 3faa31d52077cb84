import type { TemplateName } from '@bellhop/email-templates';
import type { ChannelName } from '../planning/plan.js';
import type { Role } from '../planning/recipients.js';

/** One message to the team about many tickets. */
export const TICKETS_WAITING = 'tickets_waiting';

/** What a delivery says: one of the alerts, a digest, or a message that a guest requested. */
export type DeliveryTemplate = TemplateName | 'code';

/** The priority of a message that a guest requested: before emergencies. */
export const AT_ONCE = 0;

/** A delivery as a dispatcher holds it while its lease lasts. */
export interface LeasedDelivery {
  readonly id: string;
  /** Counts claims. Every transition compares it, so that a dispatcher that lost its lease can change nothing. */
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
  /** The key that ceilings count by: all endpoints of one person. */
  readonly ceilingKey: string;
  /** The key of the endpoint in suppressions. */
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
  /** Unanswered attempts: the request was sent, and its outcome is not known. */
  readonly unknowns: number;
  /** The batch of its last attempt. An unanswered one is repeated with the same batch. */
  readonly batchId: string | null;
  /** The provider of its last attempt. Null before the first, and for one by a release that had only one provider. */
  readonly provider: string | null;
  /** The provider's id for it, from a webhook that came before or instead of the answer: proof that it was taken. */
  readonly providerRef: string | null;
  /** How often an operator has replayed it with a fresh request. */
  readonly generation: number;
  /** How often it was sent again on purpose after it had been accepted. */
  readonly copies: number;
  /** It is sent by itself: a code, or one whose batch was refused as a whole. */
  readonly isAlone: boolean;
  /** The challenge or request of the guest who requested it; null for alerts. */
  readonly requestId: string | null;
  readonly expiresAt: Date | null;
  /** A smaller number is more urgent. */
  readonly priority: number;
  readonly firstAt: Date;
}

/** Ids and fences, as the arrays that the guarded updates take. */
export function fences(deliveries: readonly Pick<LeasedDelivery, 'id' | 'fence'>[]): [string[], number[]] {
  return [deliveries.map(({ id }) => id), deliveries.map(({ fence }) => fence)];
}
