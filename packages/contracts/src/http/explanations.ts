import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { channel } from '../events/notification-events.js';
import { OWN_SYSTEM, systemName } from '../persons/system.js';
import { DEAD_LETTER_REASONS } from '../streams/dead-letters.js';
import { deliveryState } from './deliveries.js';

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
  decidedAt: timestamp,
  /** The delivery that carries it, its state, and when it is due; null where it is skipped at once. */
  deliveryId: z.uuid().nullable(),
  state: deliveryState.nullable(),
  dueAt: timestamp.nullable(),
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
  decisions: z.array(decisionView),
  /** Where nothing was decided, because the event could not be used: why. */
  deadLetter: z
    .object({ sequence: z.int().positive(), reason: z.enum(DEAD_LETTER_REASONS), detail: z.string() })
    .nullable(),
});

/**
 * `POST /ops/dry-runs`: what would be decided about this event if its stream took it now, and what the pre-send check would say of each
 * delivery. Nothing is stored, and nothing sent. 422 `event_not_admissible` where it would become a dead letter, with the
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
  decisions: z.array(decisionView),
});

export type DecisionView = z.infer<typeof decisionView>;
export type ExplanationQuery = z.infer<typeof explanationQuery>;
export type ExplanationResponse = z.infer<typeof explanationResponse>;
export type DryRunRequest = z.infer<typeof dryRunRequest>;
export type DryRunResponse = z.infer<typeof dryRunResponse>;
