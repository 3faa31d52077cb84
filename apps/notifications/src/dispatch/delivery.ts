import type { Template } from '../planning/plan.js';
import type { Role } from '../planning/recipients.js';

/** A delivery as a dispatcher holds it while its lease lasts. */
export interface LeasedDelivery {
  readonly id: string;
  /** Counts claims. Every later transition names it, so that a dispatcher that lost its lease can change nothing. */
  readonly fence: number;
  readonly system: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  readonly ticketUrl: string | null;
  readonly version: number;
  readonly recipientKey: string;
  readonly role: Role;
  readonly recipientKind: 'user' | 'guest' | 'agent';
  readonly recipientId: string | null;
  readonly address: string;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly template: Template;
  readonly templateVersion: number;
  readonly at: Date | null;
  readonly replies: number;
  readonly eventIds: readonly string[];
  /** Attempts made before this one. */
  readonly tries: number;
  /** Attempts whose outcome nobody knows. */
  readonly unknowns: number;
  /** The sealed request of an earlier attempt. It is sent again as it is. */
  readonly sealed: Buffer | null;
}

/** Who holds what, in the arrays that the guarded updates take. */
export function fences(deliveries: readonly Pick<LeasedDelivery, 'id' | 'fence'>[]): [string[], number[]] {
  return [deliveries.map(({ id }) => id), deliveries.map(({ fence }) => fence)];
}
