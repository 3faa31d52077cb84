import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { channel } from '../events/notification-events.js';
import { OWN_SYSTEM, systemName } from '../persons/system.js';
import { DEAD_LETTER_REASONS } from '../streams/dead-letters.js';
import { deliveryState, deviceAttemptView } from './deliveries.js';
import { feedKind } from './feed.js';

/** What was decided about an event, one per recipient and channel. */
export const decisionView = z.object({
  /** Null where nobody is notified of such an event. Never an address: a guest has no id. */
  recipient: z
    .object({
      role: z.enum(['requester', 'assignee', 'team']),
      kind: z.enum(['user', 'guest', 'agent']),
      id: z.string().nullable(),
    })
    .nullable(),
  /** Null where nobody is notified. */
  channel: channel.nullable(),
  outcome: z.enum(['deliver', 'skip']),
  /** Why it is skipped; of a delivery: why it is where it is, as in {@link deliveryView}. */
  reason: z.string().nullable(),
  /** The setting of the recipient that had a part in it, such as `replied.email`, `*.push`, `mute`, `quiet_hours`, `mail_after`; null: none. */
  rule: z.string().nullable(),
  decidedAt: timestamp,
  /** The delivery that carries it, its state, and when it is due; null where it is skipped at once. */
  deliveryId: z.uuid().nullable(),
  state: deliveryState.nullable(),
  dueAt: timestamp.nullable(),
});

/** The way of a delivery to its provider, and what is known from then on. */
const deliveryTrace = z.object({
  /** What it says, as in {@link deliveryDetailView}. */
  template: z.string(),
  attempts: z.int().nonnegative(),
  /** Attempts whose outcome nobody knows. */
  unknowns: z.int().nonnegative(),
  attemptedAt: timestamp.nullable(),
  settledAt: timestamp.nullable(),
  /** The provider's name for it: an id, or what a mail server said when it took the mail. */
  providerRef: z.string().nullable(),
  /** What the provider's webhooks told last, and when that came: `delayed`, `delivered`, `bounced` or `complained`. */
  feedback: z.object({ kind: z.string(), at: timestamp }).nullable(),
  /** How often an operator has sent it once more, on purpose. */
  copies: z.int().nonnegative(),
  /** The delivery that tells of it, where many to the team became one. */
  foldedInto: z.uuid().nullable(),
  devices: z.array(deviceAttemptView),
});
const explainedDecision = decisionView.extend({
  /** Null where nothing is delivered, or the record of it was deleted after 30 days. */
  delivery: deliveryTrace.nullable(),
});

/**
 * `GET /ops/explanations/:eventId?system=`: why somebody was, or was not, notified of an event. Without `system`: ours, else the one
 * system that has published an event with this id; 409 `system_needed` where several have. 404 `event_not_found` where
 * neither a decision nor one of the newest dead letters is about it.
 */
export const explanationQuery = z.object({ system: systemName.optional() });
export const explanationResponse = z.object({
  system: systemName,
  eventId: z.string(),
  /** Empty where the event became a dead letter. */
  decisions: z.array(explainedDecision),
  /** Where nothing was decided, because the event could not be used: why. */
  deadLetter: z
    .object({ sequence: z.int().positive(), reason: z.enum(DEAD_LETTER_REASONS), detail: z.string() })
    .nullable(),
});

/**
 * What a delivery would say. Ids of deliveries are zeros, and the link of a guest is none that works: both are made when it is sent.
 * Addresses are masked.
 */
const messagePreview = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('mail'),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    headers: z.record(z.string(), z.string()),
  }),
  z.object({
    kind: z.literal('push'),
    urgency: z.enum(['normal', 'high']),
    expiresAt: timestamp,
    /** What the browser gets, decrypted. */
    payload: z.record(z.string(), z.unknown()),
  }),
  z.object({
    kind: z.literal('entry'),
    /** What it tells of, as in the feed. */
    tellsOf: feedKind,
    count: z.int().positive(),
    dueAt: timestamp.nullable(),
    url: z.url(),
  }),
]);
const rehearsedDecision = decisionView.extend({
  /** Null where nothing would be sent. As it would be now: what arrives in its digest window may change it. */
  preview: messagePreview.nullable(),
});

/**
 * `POST /ops/dry-runs`: what would be decided about this event if its stream took it now, what the pre-send check would say of each
 * delivery, and the message that would be sent. Nothing is stored, and nothing sent. 422 `event_not_admissible` where it would become a dead letter, with the
 * `reason` and the sentence that this would have. Without `system`: ours.
 */
export const dryRunRequest = z.object({ system: systemName.default(OWN_SYSTEM), event: z.unknown() });
export const dryRunResponse = z.object({
  system: systemName,
  eventId: z.string(),
  type: z.string(),
  /** This event was taken before, so that nothing would follow: the decisions are those of then. */
  isDuplicate: z.boolean(),
  /** `deliveryId` and `state` are those of a delivery that waits already, and would tell of this event, too. */
  decisions: z.array(rehearsedDecision),
});

export type DecisionView = z.infer<typeof decisionView>;
export type MessagePreview = z.infer<typeof messagePreview>;
export type RehearsedDecision = z.infer<typeof rehearsedDecision>;
export type DeliveryTrace = z.infer<typeof deliveryTrace>;
export type ExplainedDecision = z.infer<typeof explainedDecision>;
export type ExplanationQuery = z.infer<typeof explanationQuery>;
export type ExplanationResponse = z.infer<typeof explanationResponse>;
export type DryRunRequest = z.infer<typeof dryRunRequest>;
export type DryRunResponse = z.infer<typeof dryRunResponse>;
