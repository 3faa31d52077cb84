import { createHash } from 'node:crypto';
import { PayloadError } from './payload.errors.js';

export interface PayloadKey {
  /** First four bytes of the key's SHA-256: says which key sealed a payload, and nothing about the key. */
  id: Buffer;
  secret: Buffer;
}

const KEY_BYTES = 32;

/**
 * Reads PAYLOAD_KEY: one 32-byte key in base64, or several with commas between. The first seals, all of them open; so to
 * rotate, put a new key in front, and drop the old one a day later.
 * @throws PayloadError `invalid_key`, which never repeats the value.
 */
export function parsePayloadKeys(setting: string): [PayloadKey, ...PayloadKey[]] {
  const keys = setting.split(',').map((text, index) => parseKey(text.trim(), index + 1));
  const ids = new Set(keys.map((key) => key.id.toString('hex')));
  if (ids.size < keys.length)
    throw new PayloadError('invalid_key', 'PAYLOAD_KEY names one key twice; remove one of them.');
  return keys as [PayloadKey, ...PayloadKey[]];
}

function parseKey(text: string, position: number): PayloadKey {
  const secret = Buffer.from(text, 'base64');
  // Node skips over what is not base64, so compare with what the bytes would look like.
  if (secret.length !== KEY_BYTES || secret.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw new PayloadError(
      'invalid_key',
      `PAYLOAD_KEY: key ${position} is not 32 bytes in base64 (44 characters); make one with: openssl rand -base64 32`,
    );
  }
  return { id: createHash('sha256').update(secret).digest().subarray(0, 4), secret };
}
