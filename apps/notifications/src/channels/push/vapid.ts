import { createECDH, hkdfSync } from 'node:crypto';
import webpush from 'web-push';
import { type PayloadKey, payloadKey } from '../../payload/payload-keys.js';
import { PushError } from './push.errors.js';

/** A key pair that push services know us by (RFC 8292), as browsers and `web-push` write it: base64url without padding. */
export interface VapidKey {
  /** An uncompressed point on P-256, 65 bytes. */
  readonly publicKey: string;
  /** 32 bytes. */
  readonly privateKey: string;
  /** Seals the subscriptions that were made with this pair, which are of no use without it. */
  readonly seal: PayloadKey;
}

const PUBLIC_BYTES = 65;
const PRIVATE_BYTES = 32;
const HOW = 'make a pair with: npm run bellhop -- vapid';

/**
 * Reads VAPID_KEYS: `<public>:<private>`, or several pairs separated by commas. The first is the one that browsers subscribe with; each
 * subscription goes on with its own.
 * @throws PushError `invalid_vapid_keys`, which never repeats the value
 */
export function parseVapidKeys(setting: string): readonly [VapidKey, ...VapidKey[]] {
  const [first = '', ...others] = setting.split(',').map((pair) => pair.trim());
  const keys = [parsePair(first), ...others.map(parsePair)] as const;
  if (new Set(keys.map(({ publicKey }) => publicKey)).size < keys.length) {
    throw invalid('names one pair twice: leave each in once, the newest first');
  }
  return [...keys];
}

function parsePair(pair: string): VapidKey {
  const [publicKey = '', privateKey = '', ...rest] = pair.split(':');
  if (privateKey === '' || rest.length > 0) throw invalid(`needs pairs like <public>:<private>; ${HOW}`);
  bytesOf(publicKey, PUBLIC_BYTES, 'a public key');
  const secret = bytesOf(privateKey, PRIVATE_BYTES, 'a private key');
  if (publicOf(secret) !== publicKey) {
    throw invalid('holds a public key and a private key that do not belong together: put each beside its own');
  }
  return { publicKey, privateKey, seal: sealOf(secret) };
}

function bytesOf(text: string, length: number, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (!/^[A-Za-z0-9_-]+$/.test(text) || bytes.length !== length) {
    throw invalid(`holds ${what} that is not ${length} bytes in base64url without padding; ${HOW}`);
  }
  return bytes;
}

/** Of a number that is no private key: one that belongs to no public key. */
function publicOf(secret: Buffer): string | undefined {
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(secret);
    return pair.getPublicKey('base64url');
  } catch {
    return undefined;
  }
}

function sealOf(secret: Buffer): PayloadKey {
  return payloadKey(Buffer.from(hkdfSync('sha256', secret, '', 'bellhop push subscriptions', 32)));
}

function invalid(problem: string): PushError {
  return new PushError('invalid_vapid_keys', problem);
}

/**
 * Reads PUSH_SUBJECT: where a push service can reach us (RFC 8292 §2.1). Apple refuses every push whose subject is on `localhost`.
 * @returns the same text
 * @throws PushError `invalid_push_subject`
 */
export function parsePushSubject(subject: string): string {
  const url =
    /^(?:mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/i.test(subject) && URL.canParse(subject) ? new URL(subject) : null;
  if (!url)
    throw new PushError('invalid_push_subject', 'must be like mailto:you@example.com or https://example.com/contact');
  const host = (url.protocol === 'mailto:' ? url.pathname.split('@')[1] : url.hostname)?.toLowerCase() ?? '';
  // A name without a dot, and a number, are no host that anybody else could reach.
  if (/(?:^|\.)(?:localhost|local)$/.test(host) || !/\.[a-z]{2,}$|\.xn--[a-z0-9-]+$/.test(host)) {
    const detail = `is on ${host || 'no host'}, which push services refuse: name an address or page that they can reach`;
    throw new PushError('invalid_push_subject', detail);
  }
  return subject;
}

const VALID_SECONDS = 12 * 3_600;
/** An hour before it ends. Apple wants no new one more than once an hour. */
const REUSED_MS = 11 * 3_600_000;
const MAX_HEADERS = 1_000;

/** The `Authorization` of each push service and key, signed once in eleven hours: a signature costs more than the rest of a push. */
export class VapidHeaders {
  private readonly headers = new Map<string, { value: string; until: number }>();

  constructor(
    private readonly subject: string,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {}

  /** @param origin of the endpoint: `https://fcm.googleapis.com` */
  of(origin: string, { publicKey, privateKey }: VapidKey): string {
    const name = `${origin} ${publicKey}`;
    const kept = this.headers.get(name);
    if (kept && this.now() < kept.until) return kept.value;
    const expiresAt = Math.floor(this.now() / 1_000) + VALID_SECONDS;
    const { Authorization: value } = webpush.getVapidHeaders(
      origin,
      this.subject,
      publicKey,
      privateKey,
      'aes128gcm',
      expiresAt,
    );
    if (this.headers.size >= MAX_HEADERS) this.headers.clear();
    this.headers.set(name, { value, until: this.now() + REUSED_MS });
    return value;
  }
}
