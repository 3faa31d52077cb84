import { createHmac } from 'node:crypto';
import { parsedField, readSecretKeys } from '@bellhop/http';

/**
 * Turns who somebody is into what stands in the register and in the stream. With a key that is in no database: who has the table
 * cannot try addresses out.
 */
export class ErasureKeys {
  constructor(private readonly keys: readonly [Buffer, ...Buffer[]]) {}

  /** Under the newest key, in hexadecimal. */
  hash(identity: string): string {
    return hashWith(this.keys[0], identity);
  }

  /** Under each key: erasures of before a rotation have to be recognised, too. */
  hashes(identity: string): string[] {
    return this.keys.map((key) => hashWith(key, identity));
  }
}

function hashWith(key: Buffer, identity: string): string {
  return createHmac('sha256', key).update(`erasure ${identity}`).digest('hex');
}

/** One key, or several with commas between: the first makes hashes, all recognise them. */
export const erasureKeysField = parsedField((text) => new ErasureKeys(readSecretKeys(text)), {
  description:
    'the key of the hashes in the register of erased people, 32 bytes in base64, the same for all apps. Never lose it: without it no erased person is recognised. To rotate, put a new key in front, separated by a comma, and keep the old one',
  example: '(made by: openssl rand -base64 32)',
});
