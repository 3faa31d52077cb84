import { z } from 'zod';
import { timestamp } from '../envelope.js';
import { channel } from '../events/notification-events.js';
import { identifier } from '../persons.js';
import { ticketNumber } from '../ticket.js';
import { page } from './lists.js';
import { writtenLine } from './text.js';

/** Kinds of alerts that a person may switch. Receipts of one's own filing are always sent. */
export const ALERT_KINDS = [
  'replied',
  'information_requested',
  'resolved',
  'promise_missed',
  'created',
  'customer_replied',
  'assigned',
  'reopened',
  'promise_at_risk',
] as const;
export const alertKind = z.enum(ALERT_KINDS);

const switches = z.object({ isOn: z.boolean(), kinds: z.partialRecord(alertKind, z.boolean()) });

/** `GET` and `PUT /notifications/preferences`. A kind that is not named is on. */
export const preferences = z.object({ email: switches, push: switches });

/** `POST /notifications/push-subscriptions`, 201: what the browser's `PushSubscription.toJSON()` gives, and a name for the device. */
export const pushSubscriptionRequest = z.object({
  endpoint: z.url({ protocol: /^https$/ }).max(2048),
  keys: z.object({
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be the P-256 key of the browser in base64url'),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, 'must be the secret of the browser in base64url'),
  }),
  device: writtenLine(80).optional(),
});

/** `DELETE /notifications/push-subscriptions`, 204: a browser knows its endpoint, not our id. */
export const endPushSubscriptionRequest = pushSubscriptionRequest.pick({ endpoint: true });

/** `GET /notifications/push-subscriptions`: never with an endpoint or a key. */
export const pushSubscriptionView = z.object({ id: z.uuid(), device: z.string().nullable(), createdAt: timestamp });
export const listPushSubscriptionsResponse = page(pushSubscriptionView);

const about = { ticket: z.object({ id: identifier, number: ticketNumber }), kind: alertKind };

/** `GET /notifications/feed`, newest first; the same as `data` of each event of `GET /notifications/feed/stream`. */
export const feedEntry = z.object({ id: z.uuid(), ...about, at: timestamp, seenAt: timestamp.nullable() });
export const feedResponse = page(feedEntry);

/** `GET /notifications/sent`: every message that we really sent to this person, newest first. */
export const sentEntry = z.object({
  id: z.uuid(),
  ...about,
  channel,
  sentAt: timestamp,
  subject: z.string().nullable(),
});
export const sentResponse = page(sentEntry);

export type AlertKind = z.infer<typeof alertKind>;
export type Preferences = z.infer<typeof preferences>;
export type PushSubscriptionRequest = z.infer<typeof pushSubscriptionRequest>;
export type PushSubscriptionView = z.infer<typeof pushSubscriptionView>;
export type FeedEntry = z.infer<typeof feedEntry>;
export type SentEntry = z.infer<typeof sentEntry>;
