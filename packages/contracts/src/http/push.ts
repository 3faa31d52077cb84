import { z } from 'zod';
import { MAX_DEVICE_NAME_LENGTH } from '../constants/limits.js';
import { timestamp } from '../events/envelope.js';

/** As browsers write bytes: base64url without padding. */
const bytes = (count: number, characters: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${characters}}$`), `must be ${count} bytes in base64url without padding`);

const deviceName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(MAX_DEVICE_NAME_LENGTH, `must have at most ${MAX_DEVICE_NAME_LENGTH} characters`)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line');

/** `GET /notifications/push-key`: what a page hands to `pushManager.subscribe` as `applicationServerKey`. 404 `push_off` without web push. No sign-in is needed. */
export const pushKeyResponse = z.object({ key: z.string() });

/**
 * `POST /notifications/push-subscriptions`: a `PushSubscription` as its `toJSON()` gives it. Answers 201 with a
 * {@link pushSubscriptionView}. The endpoint is who the browser is: one that is known moves to whoever registers it with its keys, else 409
 * `endpoint_taken`. Registering it again confirms it. 422 `stale_key`: it was made with a key that is not in use any more.
 */
export const registerPushRequest = z.object({
  endpoint: z.string().max(2_048, 'must have at most 2048 characters'),
  /** RFC 8291: an uncompressed point on P-256, and 16 random bytes. */
  keys: z.object({ p256dh: bytes(65, 87), auth: bytes(16, 22) }),
  /** The key that it was subscribed with (`options.applicationServerKey`, in base64url). Without it, a known endpoint keeps its key, and a new one has the newest. */
  applicationServerKey: bytes(65, 87).optional(),
  /** What its owner calls the device. */
  name: deviceName.optional(),
  /** Browsers send it along; the push service alone knows what it means. */
  expirationTime: z.number().nullish(),
});

export const pushSubscriptionView = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  /** Whose push service it uses: `fcm` (Chrome, Edge on Android, …), `mozilla`, `apple`, `wns` (Edge on Windows). */
  service: z.enum(['fcm', 'mozilla', 'apple', 'wns', 'local']),
  /** The browser that asks. */
  isThisDevice: z.boolean(),
  /** `stale_key`: its page has to subscribe anew; it does so when it is opened. */
  state: z.enum(['active', 'stale_key']),
  registeredAt: timestamp,
  /** When its push service last took a push. */
  lastUsedAt: timestamp.nullable(),
});

/** `GET /notifications/push-subscriptions`: the caller's devices, at most ten that are active, newest first. */
export const listPushSubscriptionsResponse = z.object({ items: z.array(pushSubscriptionView) });

/**
 * `PATCH /notifications/push-subscriptions/:id` → 200 with the view. `DELETE` of it → 204. `DELETE /notifications/push-subscriptions` → 204 for
 * everybody, signed in or not: it switches off the browser that asks, known by its cookie.
 */
export const renamePushRequest = z.object({ name: deviceName });

/**
 * `POST /notifications/push-subscriptions/:id/tests`: sends a push to this device alone; a person may do so once in ten seconds. 200 with what the push
 * service made of it.
 */
export const testPushResponse = z.object({
  outcome: z.enum(['accepted', 'gone', 'stale_key', 'throttled', 'refuses_us', 'refused', 'not_sent', 'unknown']),
  reason: z.string().nullable(),
});

export type PushKeyResponse = z.infer<typeof pushKeyResponse>;
export type RegisterPushRequest = z.infer<typeof registerPushRequest>;
export type PushSubscriptionView = z.infer<typeof pushSubscriptionView>;
export type RenamePushRequest = z.infer<typeof renamePushRequest>;
export type TestPushResponse = z.infer<typeof testPushResponse>;
