import type { Outcome } from '../channel.js';
import { type HttpAnswer, parseRetryAfter } from '../http.js';
import type { PushServiceName } from './endpoint.js';

/** What became of a push to one device. `reason` and `cause` begin with a stable code; no endpoint is among them. */
export type DeviceOutcome =
  | { kind: 'accepted'; status: number }
  /** The subscription is no more: the only answer that ends it. */
  | { kind: 'gone'; status: number; reason: string }
  /** It was made with another key: the page has to subscribe anew. */
  | { kind: 'stale_key'; status: number | null; reason: string }
  /** The whole service takes nothing from us for a while. */
  | { kind: 'throttled'; status: number | null; reason: string; retryAfterMs: number }
  /** It refuses our keys or their subject: of every device of the service alike. */
  | { kind: 'refuses_us'; status: number; reason: string }
  /** Never taken as it is, which is ours to mend. */
  | { kind: 'refused'; status: number; reason: string }
  | { kind: 'not_sent'; status: number | null; cause: string }
  | { kind: 'unknown'; status: number | null; cause: string };

/** Mozilla's own answer is spread around two minutes, so that not everybody comes back at once. */
const SLOW_DOWN_MS = 120_000;
const UNAVAILABLE_MS = 5_000;
const MAX_WORDS = 120;
/** Of an answer, whoever wrote it: what is looked at, and the longest that is still a word. */
const MAX_READ = 512;
const MAX_WORD = 23;

/**
 * Reads a push service's answer (RFC 8030 §5, RFC 8292 §4.2). Only 404 and 410 say that a subscription is gone. WNS says 406 where others
 * say 429. A subscription of another key is a 400 at Apple, a 401 at Mozilla and a 403 at Google, each with words of its own.
 */
export function outcomeOfAnswer(
  { status, headers, body }: HttpAnswer,
  service: PushServiceName,
  now: Date,
): DeviceOutcome {
  const reason = (code: string) => withWords(code, status, body);
  if (status >= 200 && status < 300) return { kind: 'accepted', status };
  if (status === 404 || status === 410) return { kind: 'gone', status, reason: reason('gone') };
  if (isOtherKey(status, body)) return { kind: 'stale_key', status, reason: reason('stale_key') };
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
  if (status === 429 || (status === 406 && service === 'wns')) {
    return { kind: 'throttled', status, reason: reason('throttled'), retryAfterMs: retryAfterMs ?? SLOW_DOWN_MS };
  }
  if (status === 503) {
    return { kind: 'throttled', status, reason: reason('unavailable'), retryAfterMs: retryAfterMs ?? UNAVAILABLE_MS };
  }
  if (status === 401 || status === 403) return { kind: 'refuses_us', status, reason: reason('keys_refused') };
  if (status === 408) return { kind: 'not_sent', status, cause: reason('request_timeout') };
  // It may have taken the push before it failed.
  if (status >= 500) return { kind: 'unknown', status, cause: reason('server_error') };
  return { kind: 'refused', status, reason: reason(status === 413 ? 'too_large' : 'refused') };
}

function isOtherKey(status: number, body: string): boolean {
  if (status === 400) return /VapidPkHashMismatch/i.test(body);
  if (status === 401) return /VAPID public key mismatch/i.test(body);
  return status === 403 && /do(?:es)? not correspond to the credentials used to create the subscription/i.test(body);
}

/** The first words of what it said, without anything that looks like an address or a token. */
function withWords(code: string, status: number, body: string): string {
  const words = body
    .slice(0, MAX_READ)
    .replace(/[^\x21-\x7E]+/g, ' ')
    .replace(/<[^>]{0,80}>/g, ' ')
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => (word.length > MAX_WORD || /[@/]/.test(word) ? '…' : word))
    .join(' ')
    .slice(0, MAX_WORDS);
  return words === '' ? `${code}: ${status}` : `${code}: ${status} ${words}`;
}

/**
 * What becomes of a delivery by what became of its devices. One that has it is enough: the person knows, and pushes to the others would
 * come hours later. Until then what may still succeed counts before what cannot.
 */
export function outcomeOfDevices(devices: readonly DeviceOutcome[]): Outcome {
  const of = <K extends DeviceOutcome['kind']>(kind: K) =>
    devices.filter((one): one is Extract<DeviceOutcome, { kind: K }> => one.kind === kind);
  const accepted = of('accepted').length;
  if (accepted > 0) return { kind: 'accepted', ref: `${accepted} of ${devices.length} devices` };
  const [unknown] = of('unknown');
  if (unknown) return { kind: 'unknown', cause: unknown.cause };
  const [refusing] = of('refuses_us');
  const throttled = of('throttled').sort((a, b) => a.retryAfterMs - b.retryAfterMs)[0];
  if (throttled) {
    const { retryAfterMs, reason } = throttled;
    // Of all that we send there: it is not this delivery's fault.
    return { kind: 'throttled', retryAfterMs, reason, isForAll: true, ...(refusing && { isOurs: true }) };
  }
  if (refusing) return { kind: 'not_sent', cause: refusing.reason, isOurs: true };
  const [notSent] = of('not_sent');
  if (notSent) return { kind: 'not_sent', cause: notSent.cause };
  const [refused] = of('refused');
  if (refused) return { kind: 'refused', reason: refused.reason, suppress: false };
  return { kind: 'skipped', reason: 'no_device' };
}
