import { createHash, randomBytes, randomInt } from 'node:crypto';

const TOKEN_BYTES = 32;
const CODES = 1_000_000;

/** 256 random bits in base64url, 43 characters. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Six digits, each as likely as any other. */
export function newCode(): string {
  return String(randomInt(CODES)).padStart(6, '0');
}

/** What is stored of a token. A token is random or keyed, so its hash does not help to guess it. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
