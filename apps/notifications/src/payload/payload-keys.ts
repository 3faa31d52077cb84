import { createHash } from 'node:crypto';
import { readSecretKeys } from '@bellhop/http';
import { PayloadError } from './payload.errors.js';

export interface PayloadKey {
  /** First four bytes of the key's SHA-256: says which key sealed a payload, and nothing about the key. */
  id: Buffer;
  secret: Buffer;
}

/**
 * Reads PAYLOAD_KEY: one 32-byte key in base64, or several separated by commas. The first one encrypts, all of them decrypt: to
 * rotate, put a new key in front, and remove the old one 30 days later: links in mails are signed with it.
 * @throws PayloadError `invalid_key`, which never repeats the value.
 */
export function parsePayloadKeys(setting: string): [PayloadKey, ...PayloadKey[]] {
  try {
    const [newest, ...former] = readSecretKeys(setting);
    return [payloadKey(newest), ...former.map(payloadKey)];
  } catch (cause) {
    throw new PayloadError('invalid_key', (cause as Error).message, { cause });
  }
}

/** @param secret 32 bytes */
export function payloadKey(secret: Buffer): PayloadKey {
  return { id: createHash('sha256').update(secret).digest().subarray(0, 4), secret };
}
