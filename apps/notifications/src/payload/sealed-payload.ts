import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { PayloadError } from './payload.errors.js';
import type { PayloadKey } from './payload-keys.js';

const deflateInPool = promisify(deflateRaw);
const inflateInPool = promisify(inflateRaw);
/**
 * Up to so many bytes zlib is called at once, and blocks the event loop for some 30 µs; the thread pool would take six times as much of
 * the processor. More bytes go there.
 */
const SMALL_BYTES = 16 * 1024;
/** Its packed bytes: a mail is packed to a fifth or less. */
const SMALL_PACKED_BYTES = SMALL_BYTES / 4;

const VERSION = 1;
/** version (1) · key id (4) · nonce (12) · ciphertext · tag (16) */
const HEADER_BYTES = 17;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Ten times a large mail. Only payloads that we sealed are decompressed, so this limits mistakes, not attacks. */
const MAX_PLAIN_BYTES = 32 * 1024 * 1024;

/**
 * Compresses and encrypts the stored part of a person's mail (AES-256-GCM, random 96-bit nonce, NIST SP 800-38D §8.2.2: good
 * for 2^32 payloads per key).
 * @param context what the payload belongs to, for instance the delivery id. {@link open} needs the same, so that a payload copied
 * to another row cannot be decrypted.
 */
export async function seal(plain: Buffer, context: string, keys: readonly PayloadKey[]): Promise<Buffer> {
  const [key] = keys;
  if (!key) throw new PayloadError('invalid_key', 'PAYLOAD_KEY is missing; make one with: openssl rand -base64 32');
  const packed = plain.length <= SMALL_BYTES ? deflateRawSync(plain) : await deflateInPool(plain);
  const nonce = randomBytes(NONCE_BYTES);
  const header = Buffer.concat([Buffer.of(VERSION), key.id, nonce]);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce).setAAD(associatedData(header, context));
  return Buffer.concat([header, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @throws PayloadError `unknown_key` when the key that sealed it is not among `keys`; `damaged` when one bit of it, or its
 * context, has changed.
 */
export async function open(sealed: Buffer, context: string, keys: readonly PayloadKey[]): Promise<Buffer> {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw damaged();
  const header = sealed.subarray(0, HEADER_BYTES);
  const key = keys.find(({ id }) => id.equals(header.subarray(1, 5)));
  if (!key) {
    const message =
      'The payload was sealed with a key that is not in PAYLOAD_KEY; add the former key after the new one.';
    throw new PayloadError('unknown_key', message);
  }
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key.secret, header.subarray(5))
    .setAAD(associatedData(header, context))
    .setAuthTag(sealed.subarray(tagAt));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES, tagAt)), decipher.final()]);
    const limit = { maxOutputLength: MAX_PLAIN_BYTES };
    return packed.length <= SMALL_PACKED_BYTES ? inflateRawSync(packed, limit) : await inflateInPool(packed, limit);
  } catch (cause) {
    throw damaged(cause);
  }
}

/** The header has a fixed length, so that no other header and context give the same bytes. */
function associatedData(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')]);
}

/** The context of a sealed code. */
export function codeContext(challengeId: string): string {
  return `code ${challengeId}`;
}

function damaged(cause?: unknown): PayloadError {
  const message = 'The payload is damaged or belongs to another delivery; it cannot be sent.';
  return new PayloadError('damaged', message, { cause });
}
