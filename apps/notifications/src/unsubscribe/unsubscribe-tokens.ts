import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { PayloadKey } from '../payload/payload-keys.js';

const ID_BYTES = 16;
const MAC_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Tokens of the links that mute the ticket of a mail, without a sign-in: the delivery's id and its MAC. The id alone is in every
 * `Message-ID`. Nothing is stored for one, and nothing of a person stands in it.
 */
export class UnsubscribeTokens {
  private readonly secrets: readonly [Buffer, ...Buffer[]];

  /** @param keys of PAYLOAD_KEY: the first makes tokens, all of them are accepted */
  constructor([newest, ...former]: readonly [PayloadKey, ...PayloadKey[]]) {
    this.secrets = [secretOf(newest), ...former.map(secretOf)];
  }

  of(deliveryId: string): string {
    const id = Buffer.from(deliveryId.replaceAll('-', ''), 'hex');
    return Buffer.concat([id, macOf(id, this.secrets[0])]).toString('base64url');
  }

  /** @returns the delivery's id; null for what we have not made */
  read(token: string): string | null {
    const bytes = Buffer.from(token, 'base64url');
    // Only one spelling of each: base64 decoders ignore what they do not know.
    if (bytes.length !== ID_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
    const [id, mac] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)];
    if (!this.secrets.some((secret) => timingSafeEqual(macOf(id, secret), mac))) return null;
    return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function secretOf({ secret }: PayloadKey): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'unsubscribe', KEY_BYTES));
}

function macOf(id: Buffer, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(id).digest().subarray(0, MAC_BYTES);
}
