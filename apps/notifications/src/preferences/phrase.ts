import type { PayloadKey } from '../payload/payload-keys.js';
import { open, seal } from '../payload/sealed-payload.js';

/** Whoever reads the database must not learn how our mails to a person look. */
export function sealPhrase(phrase: string, person: string, keys: readonly PayloadKey[]): Promise<Buffer> {
  return seal(Buffer.from(phrase), contextOf(person), keys);
}

/** @throws PayloadError when its key is gone from PAYLOAD_KEY, or it is another person's */
export async function openPhrase(sealed: Buffer, person: string, keys: readonly PayloadKey[]): Promise<string> {
  return (await open(sealed, contextOf(person), keys)).toString();
}

function contextOf(person: string): string {
  return `phrase ${person}`;
}
