import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { readSecretKeys } from '@bellhop/http';

const KEY_BYTES = 32;

/** What a key is used for. Each use has a derived key of its own, so that a value made for one use is never valid for another. */
type KeyUse = 'code' | 'link' | 'budget';

/** One key of GUEST_AUTH_KEY. */
export class GuestKey {
  /** First eight bytes of its SHA-256: identifies the key and reveals nothing about it. */
  readonly id: Buffer;
  private readonly derived: Readonly<Record<KeyUse, Buffer>>;

  constructor(secret: Buffer) {
    this.id = createHash('sha256').update(secret).digest().subarray(0, 8);
    const derive = (use: KeyUse) => Buffer.from(hkdfSync('sha256', secret, '', `bellhop guest-auth ${use}`, KEY_BYTES));
    this.derived = { code: derive('code'), link: derive('link'), budget: derive('budget') };
  }

  /** HMAC-SHA-256 of the parts, each with its length in front, so that no two lists of parts give the same input. */
  mac(use: KeyUse, ...parts: (string | Buffer)[]): Buffer {
    const hmac = createHmac('sha256', this.derived[use]);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  }
}

/** The first key makes new values; all keys recognise stored ones. */
export class GuestKeys {
  constructor(private readonly keys: readonly [GuestKey, ...GuestKey[]]) {}

  get newest(): GuestKey {
    return this.keys[0];
  }

  get ids(): Buffer[] {
    return this.keys.map(({ id }) => id);
  }

  byId(id: Buffer): GuestKey | undefined {
    return this.keys.find((key) => key.id.equals(id));
  }

  /** Whether one of the keys gives this HMAC for the parts, compared in constant time. */
  recognise(mac: Buffer, use: KeyUse, ...parts: (string | Buffer)[]): boolean {
    const matches = this.keys.map((key) => timingSafeEqual(key.mac(use, ...parts), mac));
    return matches.includes(true);
  }
}

/**
 * Reads GUEST_AUTH_KEY: one key, or several separated by commas. To rotate, put a new one in front, and remove the old one after a day, when no
 * delivery requests its link again and every code has expired. Budgets start at zero with a new key.
 * @throws Error whose message says what is wrong with the setting and never repeats its value
 */
export function parseGuestKeys(setting: string): GuestKeys {
  const [newest, ...former] = readSecretKeys(setting);
  return new GuestKeys([new GuestKey(newest), ...former.map((secret) => new GuestKey(secret))]);
}
