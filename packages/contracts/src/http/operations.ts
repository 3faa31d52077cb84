import { z } from 'zod';
import { DEAD_LETTER_REASONS } from '../dead-letters.js';
import { timestamp } from '../envelope.js';
import { channel } from '../events/notification-events.js';
import { identifier, systemName } from '../persons.js';
import { ticketNumber } from '../ticket.js';
import { page, pageQuery } from './lists.js';

export const DELIVERY_STATES = [
  'pending',
  'leased',
  'sending',
  'accepted',
  'retrying',
  'unknown',
  'dead',
  'skipped',
] as const;
export const deliveryState = z.enum(DELIVERY_STATES);

/** `GET /ops/deliveries?state=&system=`. */
export const listDeliveriesQuery = pageQuery.extend({ state: deliveryState.optional(), system: systemName.optional() });

/** A delivery as operators see it: no address, no content. `POST /ops/deliveries/:id/replay` answers 202 and this. */
export const deliveryView = z.object({
  id: z.uuid(),
  system: systemName,
  ticket: z.object({ id: identifier, number: ticketNumber }),
  channel,
  state: deliveryState,
  attempts: z.int().nonnegative(),
  dueAt: timestamp,
  /** Why it is where it is, as a stable word. */
  reason: z.string().nullable(),
  eventIds: z.array(z.string()),
  createdAt: timestamp,
});
export const listDeliveriesResponse = page(deliveryView);

/** `GET /ops/dead-letters`. `POST /ops/dead-letters/:sequence/replay` answers 202. */
export const deadLetterView = z.object({
  sequence: z.int().positive(),
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: z.string(),
  subject: z.string(),
  stream: z.string(),
  streamSequence: z.int().positive(),
  sizeBytes: z.int().nonnegative(),
  parkedAt: timestamp,
});
export const listDeadLettersResponse = page(deadLetterView);

/** Why somebody did, or did not, get a message about an event. */
export const decisionView = z.object({
  recipient: z.object({ kind: z.enum(['user', 'guest', 'agent']), id: z.string().nullable() }),
  channel,
  outcome: z.enum(['deliver', 'skip']),
  reason: z.string().nullable(),
  deliveryId: z.uuid().nullable(),
  dueAt: timestamp.nullable(),
});

/** `GET /ops/explanations/:eventId?system=`. Without `system`: ours. */
export const explanationQuery = z.object({ system: systemName.optional() });
export const explanationResponse = z.object({
  system: systemName,
  eventId: z.string(),
  decisions: z.array(decisionView),
});

/** `POST /ops/dry-runs`: what would be decided about this event now. Nothing is stored and nothing sent. */
export const dryRunRequest = z.object({ system: systemName.optional(), event: z.unknown() });
export const dryRunResponse = z.object({ decisions: z.array(decisionView) });

/** `GET /ops/suppressions`: addresses that get no mail, newest first. `DELETE /ops/suppressions/:address` answers 204. */
export const suppressionView = z.object({
  address: z.string(),
  /** `bounced` or `complained`, then what the provider or the server said; or the refusal of the server itself. */
  reason: z.string(),
  /** The delivery that showed it. */
  deliveryId: z.uuid(),
  suppressedAt: timestamp,
});
export const listSuppressionsResponse = page(suppressionView);

export type DeliveryState = z.infer<typeof deliveryState>;
export type DeliveryView = z.infer<typeof deliveryView>;
export type DeadLetterView = z.infer<typeof deadLetterView>;
export type SuppressionView = z.infer<typeof suppressionView>;
export type DecisionView = z.infer<typeof decisionView>;
export type ExplanationResponse = z.infer<typeof explanationResponse>;
export type DryRunRequest = z.infer<typeof dryRunRequest>;
