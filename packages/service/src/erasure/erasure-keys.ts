import { createHmac } from 'node:crypto';
import { z } from 'zod';

const KEY_BYTES = 32;

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
export const erasureKeysField = z
  .string()
  .transform((text, context) => {
    const keys = text.split(',').map((part) => keyOf(part.trim()));
    if (!keys.includes(null)) return new ErasureKeys(keys as [Buffer, ...Buffer[]]);
    const place = keys.indexOf(null) + 1;
    const message = `must be 32 bytes in base64 (44 characters), which key ${place} is not; make one with: openssl rand -base64 32`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    description:
      'the key under which the register of erased people keeps who they were, 32 bytes in base64, the same for all apps and never lost: without it nobody is recognised any more. To rotate, put a new one in front of a comma, and keep the old one',
    example: '(made by: openssl rand -base64 32)',
  });

function keyOf(text: string): Buffer | null {
  const key = Buffer.from(text, 'base64');
  // Node skips over what is not base64, so compare with what the bytes would look like.
  const isWhole = key.length === KEY_BYTES && key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return isWhole ? key : null;
}
