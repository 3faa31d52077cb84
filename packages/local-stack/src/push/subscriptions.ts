import { createECDH, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { CURVE } from './p256.js';
import type { Receiver } from './push-message.js';
import { scalar } from './vapid-keys.js';

/** One browser as the service knows it, and the keys that a real browser would keep to itself. */
export interface Subscription extends Receiver {
  id: string;
  /** The application server's key that it is bound to, in base64url; null until the first push. */
  vapidKey: string | null;
  /** It was ended: pushes are answered 410. */
  isGone: boolean;
}

/** How it is kept: bytes in base64url. */
interface Entry {
  id: string;
  privateKey: string;
  authSecret: string;
  vapidKey: string | null;
  isGone: boolean;
}

/** All subscriptions, kept in a file if there is one: a browser does not forget its endpoint when the service restarts. */
export class Subscriptions {
  private readonly byId = new Map<string, Subscription>();

  /** @param path one JSON line for each change; of several for a subscription the last counts */
  constructor(private readonly path: string | undefined) {
    if (path === undefined || !existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n').filter(Boolean)) this.restore(JSON.parse(line) as Entry);
    // What follows the last line end was being written when we were killed, so nobody was told of it.
    truncateSync(path, Buffer.byteLength(whole));
  }

  find(id: string): Subscription | undefined {
    return this.byId.get(id);
  }

  create(vapidKey: string | null): Subscription {
    const pair = createECDH(CURVE);
    const subscription: Subscription = {
      id: randomBytes(24).toString('base64url'),
      publicKey: pair.generateKeys(),
      privateKey: scalar(pair.getPrivateKey()),
      authSecret: randomBytes(16),
      vapidKey,
      isGone: false,
    };
    this.byId.set(subscription.id, subscription);
    this.keep(subscription);
    return subscription;
  }

  change(subscription: Subscription, change: Partial<Pick<Subscription, 'vapidKey' | 'isGone'>>): void {
    Object.assign(subscription, change);
    this.keep(subscription);
  }

  private keep({ id, privateKey, authSecret, vapidKey, isGone }: Subscription): void {
    if (this.path === undefined) return;
    const keys = { privateKey: privateKey.toString('base64url'), authSecret: authSecret.toString('base64url') };
    const entry: Entry = { id, ...keys, vapidKey, isGone };
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  private restore({ privateKey, authSecret, ...rest }: Entry): void {
    const pair = createECDH(CURVE);
    pair.setPrivateKey(privateKey, 'base64url');
    this.byId.set(rest.id, {
      ...rest,
      publicKey: pair.getPublicKey(),
      privateKey: Buffer.from(privateKey, 'base64url'),
      authSecret: Buffer.from(authSecret, 'base64url'),
    });
  }
}
