import { ECDH } from 'node:crypto';

export const CURVE = 'prime256v1';

/** The bytes behind base64url without padding; undefined for anything else, which `Buffer.from` would read in part. */
export function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Whether these are the 65 bytes of an uncompressed point that lies on P-256. */
export function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  try {
    ECDH.convertKey(bytes, CURVE);
    return true;
  } catch {
    return false;
  }
}
