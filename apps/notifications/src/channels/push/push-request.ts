import webpush from 'web-push';
import type { HttpRequest } from '../http.js';
import type { Endpoint } from './endpoint.js';
import type { FrozenPush } from './frozen-push.js';
import type { PushKeys } from './subscriptions/sealed-keys.js';

/** What a device gets, whoever asked for it. */
export type Push = Pick<FrozenPush, 'topic' | 'urgency' | 'text' | 'expiresAt'>;

/** Apple's name for declarative web push, in the proposal; the others know only bytes. */
const APPLE_TYPE = 'application/notification+json';

/**
 * The request of one push to one device: encrypted for it by `web-push` (RFC 8291). That package would also sign each of them, which takes
 * more of the processor than the rest; `authorization` is signed for a whole service.
 */
export function pushRequest(
  { url, service }: Endpoint,
  keys: PushKeys['keys'],
  { topic, urgency, text, expiresAt }: Push,
  authorization: string,
): HttpRequest {
  const { method, headers, body } = webpush.generateRequestDetails({ endpoint: url, keys }, text, {
    vapidDetails: null as never,
    TTL: Math.max(Math.floor((expiresAt - Date.now()) / 1_000), 0),
    urgency,
    topic,
    headers: { Authorization: authorization },
  });
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const type = service === 'apple' ? { 'Content-Type': APPLE_TYPE } : {};
  return { url, method, headers: { ...texts, ...type }, body: body as Buffer };
}
