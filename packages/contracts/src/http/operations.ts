import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { channel } from '../events/notification-events.js';
import { ticketNumber } from '../events/ticket.js';
import { typedEmailAddress } from '../persons/email-address.js';
import { identifier } from '../persons/persons.js';
import { systemName } from '../persons/system.js';
import { DEAD_LETTER_REASONS } from '../streams/dead-letters.js';
import { cursor, page, pageQuery } from './lists.js';

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

/** A reason as it is filtered for: the stable word before the colon, where the provider's own words follow. */
const reasonWord = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'a reason is a word in snake case, such as no_answer');

/** `GET /ops/deliveries?state=&system=&reason=&ticket=`, newest first. `ticket` is an id or a number. */
export const listDeliveriesQuery = pageQuery.extend({
  state: deliveryState.optional(),
  system: systemName.optional(),
  reason: reasonWord.optional(),
  ticket: identifier.optional(),
});

/** A delivery as operators see it: no address, no content. */
export const deliveryView = z.object({
  id: z.uuid(),
  system: systemName,
  ticket: z.object({ id: identifier, number: ticketNumber }),
  channel,
  state: deliveryState,
  attempts: z.int().nonnegative(),
  dueAt: timestamp,
  /** Why it is where it is: a stable word, sometimes followed by a colon and what the provider said. */
  reason: z.string().nullable(),
  eventIds: z.array(z.string()),
  createdAt: timestamp,
});
export const listDeliveriesResponse = page(deliveryView);

/** `GET /ops/deliveries/:id`: the same, and all that is known of its way. */
export const deliveryDetailView = deliveryView.extend({
  template: z.string(),
  recipient: z.object({ role: z.string(), kind: z.string(), id: z.string().nullable() }),
  /** Version of the ticket that it tells of. */
  version: z.int(),
  priority: z.int(),
  /** Attempts whose outcome nobody knows. */
  unknowns: z.int().nonnegative(),
  /** What the provider told us after it had taken it, such as `bounced`. */
  feedback: z.string().nullable(),
  attemptedAt: timestamp.nullable(),
  settledAt: timestamp.nullable(),
  leaseUntil: timestamp.nullable(),
  /** The request to the provider that it travels in; null before the first attempt and after a replay. */
  batchId: z.uuid().nullable(),
  isAlone: z.boolean(),
  /** The delivery that tells of it, too, where many mails to the team became one (reason `folded`). */
  foldedInto: z.uuid().nullable(),
  /** Since when the exact request rests here; null if it is made (again) at the next attempt. */
  frozenAt: timestamp.nullable(),
  decisions: z.array(
    z.object({ eventId: z.string(), type: z.string(), reason: z.string().nullable(), decidedAt: timestamp }),
  ),
});

/** What the check before sending is going to refuse, as far as it is known now. */
export const REFUSALS = ['requester_changed', 'seen', 'overtaken', 'address_suppressed', 'expired'] as const;

/** What a replay makes of one delivery. */
export const replayView = z.object({
  deliveryId: z.uuid(),
  /** Where it was. */
  state: deliveryState,
  reason: z.string().nullable(),
  /** `same`: it keeps its request, the bytes and (while its batch stays together) the key; `new`: a fresh one is made. */
  key: z.enum(['same', 'new']),
  mayDuplicate: z.boolean(),
  /** One sentence for `mayDuplicate`. */
  why: z.string(),
  /** It is tried, and skipped again for this reason unless that changes first. */
  refusal: z.enum(REFUSALS).nullable(),
});

/** `POST /ops/deliveries/:id/replay` → 202 (a dry run: 200) and a {@link replayView}. */
export const replayRequest = z
  .object({
    /** Send what was accepted already: a second mail, on purpose. */
    isAgain: z.boolean().default(false),
    isDryRun: z.boolean().default(false),
  })
  .prefault({});

/** States that are replayed by the many. What was accepted is sent again one by one only. */
export const REPLAYABLE_STATES = ['dead', 'skipped', 'retrying', 'unknown'] as const;
export const MAX_REPLAYED_AT_ONCE = 500;

/** `POST /ops/deliveries/replays`: up to 500 per call; `cursor` of the answer goes into the next call. */
export const replaysRequest = z.object({
  filter: z.object({
    state: z.enum(REPLAYABLE_STATES),
    system: systemName.optional(),
    reason: reasonWord.optional(),
    ticket: identifier.optional(),
  }),
  isDryRun: z.boolean().default(false),
  limit: z.int().min(1).max(MAX_REPLAYED_AT_ONCE).default(MAX_REPLAYED_AT_ONCE),
  cursor: cursor.optional(),
});
export const replaysResponse = z.object({
  isDryRun: z.boolean(),
  /** Moved by this call; 0 in a dry run. */
  replayed: z.int().nonnegative(),
  /** All that a replay would move, from the cursor on. Counted by a dry run only; null otherwise, where `cursor` tells if there are more. */
  remaining: z.int().nonnegative().nullable(),
  /** How many of those replayed, or in a dry run of those remaining, may reach their person twice. */
  mayDuplicate: z.int().nonnegative(),
  /** A few of them, oldest first. */
  items: z.array(replayView),
  /** Null when nothing is left. */
  cursor: cursor.nullable(),
});

const redriveNote = z.object({ at: timestamp, by: z.string(), isRepaired: z.boolean() });

/** A letter of `GET /ops/dead-letters?reason=&stream=`, newest first; a page may be short although there is a next one. */
export const deadLetterView = z.object({
  sequence: z.int().positive(),
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: z.string(),
  /** Where the event came from. */
  subject: z.string(),
  stream: z.string(),
  streamSequence: z.int().positive(),
  /** Of the event as it came. */
  sizeBytes: z.int().nonnegative(),
  parkedAt: timestamp,
  /** Only its beginning is here: a redrive needs a repaired event. */
  isTruncated: z.boolean(),
  isRedriven: z.boolean(),
  redriven: redriveNote.nullable(),
});
const deadLetterFilter = {
  reason: z.enum(DEAD_LETTER_REASONS).optional(),
  stream: z
    .string()
    .regex(/^[A-Z0-9_]{1,32}$/, 'a stream is named in capitals, such as INBOUND')
    .optional(),
};
export const listDeadLettersQuery = pageQuery.extend(deadLetterFilter);
export const listDeadLettersResponse = page(deadLetterView);

/** `GET /ops/dead-letters/:sequence`, with its body: text if it is UTF-8, else base64. */
export const deadLetterDetailView = deadLetterView.extend({
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});

/** Why somebody did, or did not, get a message about an event. */
export const decisionView = z.object({
  /** Null where nobody hears of such an event. Never an address. */
  recipient: z.object({ kind: z.enum(['user', 'guest', 'agent']), id: z.string().nullable() }).nullable(),
  channel,
  outcome: z.enum(['deliver', 'skip']),
  reason: z.string().nullable(),
  deliveryId: z.uuid().nullable(),
  dueAt: timestamp.nullable(),
});

/** `POST /ops/dead-letters/:sequence/redrive`: the original bytes, or this event in their place. */
export const redriveRequest = z
  .object({ event: z.unknown().optional(), isDryRun: z.boolean().default(false) })
  .prefault({});
export const redriveResponse = z.object({
  sequence: z.int().positive(),
  system: systemName,
  eventId: z.string(),
  type: z.string(),
  isDryRun: z.boolean(),
  isRepaired: z.boolean(),
  /** The event was taken before, so that nothing follows from it now. */
  isDuplicate: z.boolean(),
  decisions: z.array(decisionView),
});

/** Letters looked at by one call. */
export const MAX_REDRIVEN_AT_ONCE = 200;

/** `POST /ops/dead-letters/redrives`: oldest first; `cursor` of the answer goes into the next call. */
export const redrivesRequest = z.object({
  filter: z.object({ ...deadLetterFilter, system: systemName.optional() }),
  isDryRun: z.boolean().default(false),
  limit: z.int().min(1).max(MAX_REDRIVEN_AT_ONCE).default(MAX_REDRIVEN_AT_ONCE),
  cursor: cursor.optional(),
});
export const redrivesResponse = z.object({
  isDryRun: z.boolean(),
  /** Taken by this call; in a dry run: those that would be. */
  redriven: z.int().nonnegative(),
  /** Of these, how many were known already. */
  duplicates: z.int().nonnegative(),
  /** Still not usable, each with a sentence. */
  refused: z.array(z.object({ sequence: z.int().positive(), reason: z.string(), detail: z.string() })),
  /** Letters still to be looked at. */
  remaining: z.int().nonnegative(),
  cursor: cursor.nullable(),
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

/**
 * `GET /ops/suppressions`: addresses that get no mail, or none of some systems, newest first. `DELETE /ops/suppressions/:address` lifts all
 * of it, and answers 204.
 */
export const suppressionView = z.object({
  address: z.string(),
  /** Whose mails it gets no more: of these, because their mail was complained about; null: of all. */
  systems: z.array(systemName).nullable(),
  /** `bounced` or `complained`, then what the provider or the server said; or the refusal of the server itself. */
  reason: z.string(),
  /** The delivery that showed it. */
  deliveryId: z.uuid(),
  suppressedAt: timestamp,
});
export const listSuppressionsResponse = page(suppressionView);

/** `GET /ops/audit?actor=&address=`, newest first: what operators did and looked at. */
export const listAuditQuery = pageQuery.extend({
  /** The `sub` of the operator's token. */
  actor: z.string().min(1).max(255).optional(),
  /** Lines about this address, which stands in none of them. */
  address: typedEmailAddress.optional(),
});
export const auditEntryView = z.object({
  id: z.uuid(),
  at: timestamp,
  actor: z.string(),
  /** Method and route. */
  action: z.string(),
  /** What it was about. Addresses stand there as a mark that only `address=` finds. */
  target: z.record(z.string(), z.unknown()),
  reason: z.string().nullable(),
});
export const listAuditResponse = page(auditEntryView);

export type DeliveryState = z.infer<typeof deliveryState>;
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;
export type DeliveryView = z.infer<typeof deliveryView>;
export type DeliveryDetailView = z.infer<typeof deliveryDetailView>;
export type Refusal = (typeof REFUSALS)[number];
export type ReplayView = z.infer<typeof replayView>;
export type ReplayRequest = z.infer<typeof replayRequest>;
export type ReplaysRequest = z.infer<typeof replaysRequest>;
export type ReplaysResponse = z.infer<typeof replaysResponse>;
export type ListDeadLettersQuery = z.infer<typeof listDeadLettersQuery>;
export type DeadLetterView = z.infer<typeof deadLetterView>;
export type SuppressionView = z.infer<typeof suppressionView>;
export type DeadLetterDetailView = z.infer<typeof deadLetterDetailView>;
export type RedriveRequest = z.infer<typeof redriveRequest>;
export type RedriveResponse = z.infer<typeof redriveResponse>;
export type RedrivesRequest = z.infer<typeof redrivesRequest>;
export type RedrivesResponse = z.infer<typeof redrivesResponse>;
export type DecisionView = z.infer<typeof decisionView>;
export type ExplanationResponse = z.infer<typeof explanationResponse>;
export type DryRunRequest = z.infer<typeof dryRunRequest>;
export type ListAuditQuery = z.infer<typeof listAuditQuery>;
export type AuditEntryView = z.infer<typeof auditEntryView>;
