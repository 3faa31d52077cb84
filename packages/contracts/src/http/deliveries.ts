import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { channel } from '../events/notification-events.js';
import { ticketNumber } from '../events/ticket.js';
import { identifier } from '../persons/persons.js';
import { systemName } from '../persons/system.js';
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
const deliveryView = z.object({
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

/** Of a push: the last attempt on one device; never its endpoint. */
export const deviceAttemptView = z.object({
  id: z.uuid(),
  service: z.string(),
  /** What the push service made of it, such as `accepted`, `gone` or `throttled`. */
  outcome: z.string(),
  status: z.int().nullable(),
  reason: z.string().nullable(),
  attempts: z.int().positive(),
  at: timestamp,
});

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
  /** Who took it, or may have it: the provider of its last attempt. Null before the first. */
  provider: z.string().nullable(),
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
  /** Of a push: each device that it went to. */
  devices: z.array(deviceAttemptView),
});

/** Why the pre-send check skips a delivery. */
const REFUSALS = [
  'requester_changed',
  'seen',
  'overtaken',
  'address_suppressed',
  'expired',
  'erased',
  'folded',
  'muted',
  'switched_off',
] as const;

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
  /** What the pre-send check would say now: it is skipped again for this reason unless that changes first. */
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

export type DeliveryState = z.infer<typeof deliveryState>;
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;
export type DeliveryView = z.infer<typeof deliveryView>;
export type DeviceAttemptView = z.infer<typeof deviceAttemptView>;
export type DeliveryDetailView = z.infer<typeof deliveryDetailView>;
export type Refusal = (typeof REFUSALS)[number];
export type ReplayView = z.infer<typeof replayView>;
export type ReplayRequest = z.infer<typeof replayRequest>;
export type ReplaysRequest = z.infer<typeof replaysRequest>;
export type ReplaysResponse = z.infer<typeof replaysResponse>;
