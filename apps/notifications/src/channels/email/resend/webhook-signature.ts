import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookStamp } from '../../report.js';

/** How far the provider's clock and ours may differ, and how long a caught webhook is worth something. */
export const TOLERANCE_SECONDS = 5 * 60;

/** No full stop: the signed text can then be taken apart in one way only. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^[1-9]\d{8,10}$/;
const SIGNATURES = /^\S{1,200}(?: \S{1,200}){0,9}$/;
/** The 32 bytes of an HMAC-SHA256 in base64. */
const ENTRY = /^v1,([A-Za-z0-9+/]{43}=)$/;

export interface SignedHeaders {
  readonly id: unknown;
  readonly timestamp: unknown;
  readonly signature: unknown;
}

export type Refusal = 'malformed' | 'stale' | 'wrong_signature';

/**
 * Checks the signature of a webhook as Svix makes it (https://docs.svix.com/receiving/verifying-payloads/how-manual): one of
 * the `v1` entries has to be the HMAC-SHA256 of `id.timestamp.body` under one of our keys. Pure. What is cheap is looked at
 * first; what could tell something about a key takes the same time whatever comes out.
 */
export function checkSignature(
  headers: SignedHeaders,
  body: Uint8Array,
  keys: readonly Buffer[],
  now: Date,
): WebhookStamp | Refusal {
  const { id, timestamp, signature } = headers;
  if (!isText(id, ID) || !isText(timestamp, TIMESTAMP) || !isText(signature, SIGNATURES)) return 'malformed';
  const given = signature.split(' ').flatMap((entry) => ENTRY.exec(entry)?.[1] ?? []);
  if (given.length === 0) return 'malformed';
  const ageSeconds = now.getTime() / 1000 - Number(timestamp);
  if (Math.abs(ageSeconds) > TOLERANCE_SECONDS) return 'stale';
  let stands = false;
  for (const key of keys) {
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    for (const one of given) stands = timingSafeEqual(Buffer.from(one), Buffer.from(expected)) || stands;
  }
  return stands ? { id, timestamp: Number(timestamp) } : 'wrong_signature';
}

function isText(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value);
}
