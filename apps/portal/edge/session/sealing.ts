import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CompactEncrypt, compactDecrypt } from 'jose';

/** Tokens are base64 of JSON: deflated, they are as long as their sealed text. Nothing that an attacker chooses is sealed beside them. */
const MAX_BYTES = 64 * 1024;

export type SessionKeys = readonly [Buffer, ...Buffer[]];

/** JSON as a JWE (RFC 7516, `dir` with A256GCM) under the newest key. */
export async function seal(value: unknown, [newest]: SessionKeys): Promise<string> {
  return new CompactEncrypt(deflateRawSync(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: nameOf(newest) })
    .encrypt(newest);
}

/** What was sealed under any of the keys; undefined when it was not, or was changed since. */
export async function unseal<T>(text: string, keys: SessionKeys): Promise<T | undefined> {
  try {
    const keyOf = ({ kid }: { kid?: string }) => {
      const key = keys.find((one) => nameOf(one) === kid);
      if (key === undefined) throw new Error('sealed under a key that is not there any more');
      return key;
    };
    const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
    const { plaintext } = await compactDecrypt(text, keyOf, options);
    return JSON.parse(inflateRawSync(plaintext, { maxOutputLength: MAX_BYTES }).toString()) as T;
  } catch {
    return undefined;
  }
}

/** It tells nothing of the key. */
function nameOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 8);
}
