import { Resend } from 'resend';
import type { WebhookStamp } from '../../report.js';

/** No full stop: the signed text can then be taken apart in one way only. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^[1-9]\d{8,10}$/;
const SIGNATURES = /^\S{1,200}(?: \S{1,200}){0,9}$/;
/** The 32 bytes of an HMAC-SHA256 in base64. */
const ENTRY = /^v1,[A-Za-z0-9+/]{43}=$/;
/** Decoding is reversible this way, so that what is verified as text is verified byte for byte. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/**
 * The SDK verifies only through a client, and makes none without a key. This one sends nothing. Made with the first webhook,
 * because a client loads Node's `fetch` with its headers, which a start need not wait for.
 */
let client: Resend | undefined;

export interface SignedHeaders {
  readonly id: unknown;
  readonly timestamp: unknown;
  readonly signature: unknown;
}

export interface VerifiedWebhook {
  readonly stamp: WebhookStamp;
  /** Its body, parsed. Nothing but the signature has been checked of it. */
  readonly payload: unknown;
}

export type Refusal = 'malformed' | 'stale' | 'wrong_signature';

/**
 * Verifies a webhook as Svix signs it (https://docs.svix.com/receiving/verifying-payloads/how-manual): one of the `v1` entries
 * has to be the HMAC-SHA256 of `id.timestamp.body` under one of our secrets, and the time within five minutes of our clock.
 * Resend's SDK does that. Checked here, before anything is computed, is what it reads too leniently: the form of the three
 * headers, and whether the body is UTF-8.
 * @param secrets as `whsec_<base64>`; while one is rotated, both
 * @throws SyntaxError when the signature is right and the body is not JSON
 */
export function verifyWebhook(
  headers: SignedHeaders,
  body: Uint8Array,
  secrets: readonly string[],
): VerifiedWebhook | Refusal {
  const { id, timestamp, signature } = headers;
  if (!isText(id, ID) || !isText(timestamp, TIMESTAMP) || !isText(signature, SIGNATURES)) return 'malformed';
  const entries = signature.split(' ').filter((entry) => ENTRY.test(entry));
  const payload = textOf(body);
  if (entries.length === 0 || payload === null) return 'malformed';
  const signed = { payload, headers: { id, timestamp, signature: entries.join(' ') } };
  for (const webhookSecret of secrets) {
    try {
      return {
        stamp: { id, timestamp: Number(timestamp) },
        payload: verify({ ...signed, webhookSecret }),
      };
    } catch (error) {
      if (refusalOf(error) === 'stale') return 'stale';
    }
  }
  return 'wrong_signature';
}

function verify(webhook: Parameters<Resend['webhooks']['verify']>[0]): unknown {
  client ??= new Resend('re_sends_nothing', { baseUrl: 'http://localhost', userAgent: 'bellhop' });
  const payload: unknown = client.webhooks.verify(webhook);
  // Of an empty body, which is not JSON either.
  if (payload === undefined) throw new SyntaxError('The body is empty');
  return payload;
}

/** @throws what is no refusal of the SDK's. It has one class for all of them, and does not export it. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error) || error.name !== 'WebhookVerificationError') throw error;
  return error.message.includes('timestamp') ? 'stale' : 'wrong_signature';
}

function textOf(body: Uint8Array): string | null {
  try {
    return UTF8.decode(body);
  } catch {
    return null;
  }
}

function isText(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value);
}
