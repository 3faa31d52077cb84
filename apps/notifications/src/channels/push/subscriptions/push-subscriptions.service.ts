import { createECDH, createHash, randomUUID } from 'node:crypto';
import type { PushSubscriptionView, RegisterPushRequest, TestPushResponse } from '@bellhop/contracts/http';
import { invalidRequest, Problem } from '@bellhop/http';
import { Database } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { isUuid } from '../../../ops/cursor.js';
import { type Endpoint, parseEndpoint } from '../endpoint.js';
import { PushError } from '../push.errors.js';
import { PUSH, type PushChannel } from '../push-channel.js';
import type { VapidKey } from '../vapid.js';
import { beginTest, TEST_SECONDS } from './begin-test.js';
import { endOfBrowser, endSubscription } from './end-subscriptions.js';
import { findSubscription } from './find-subscription.js';
import { loadSubscriptions } from './load-subscriptions.js';
import { registerSubscription } from './register-subscription.js';
import { renameSubscription } from './rename-subscription.js';
import { sealKeys } from './sealed-keys.js';

/** Whose devices, and from which browser they are looked at. */
export interface Owner {
  readonly person: string;
  readonly browserHash: string;
}

/** The devices of one person: switched on, listed, named, tried out and switched off by that person alone. */
@Injectable()
export class PushSubscriptionsService {
  constructor(
    private readonly database: Database,
    @Inject(PUSH) private readonly push: PushChannel | null,
  ) {}

  /** @throws Problem 404 `push_off` */
  key(): string {
    return this.newestKey().publicKey;
  }

  /**
   * A known endpoint keeps the key that it was subscribed with, unless the page names another.
   * @throws Problem 422 `invalid_request` or `stale_key`, 409 `endpoint_taken`, 404 `push_off`
   */
  async register(owner: Owner, request: RegisterPushRequest): Promise<PushSubscriptionView> {
    const { url: endpoint, service } = this.endpointOf(request.endpoint);
    const { keys, name = null } = request;
    checkPoint(keys.p256dh);
    const endpointHash = sha256(endpoint);
    const dataSource = await this.database.whenReady();
    const known = await findSubscription(dataSource, owner.person, endpointHash);
    // Its key is of no use any more, and the page has not subscribed anew.
    if (known?.state === 'stale_key' && !request.applicationServerKey) return this.read(owner, known.id);
    const vapid = this.keyOf(request.applicationServerKey ?? known?.vapidKey);
    const row = {
      id: randomUUID(),
      ...owner,
      endpointHash,
      keysHash: sha256(JSON.stringify([endpoint, keys.p256dh, keys.auth])),
      sealed: await sealKeys({ endpoint, keys }, endpointHash, vapid),
      vapidKey: vapid.publicKey,
      service,
      name,
    };
    const id = await dataSource.transaction((manager) => registerSubscription(manager, row));
    if (id === null) throw taken();
    return this.read(owner, id);
  }

  list({ person, browserHash }: Owner): Promise<PushSubscriptionView[]> {
    return loadSubscriptions(this.database.dataSource, person, browserHash);
  }

  /** @throws Problem 404 `device_not_found` */
  async rename(owner: Owner, id: string, name: string): Promise<PushSubscriptionView> {
    if (!isUuid(id) || !(await renameSubscription(this.database.dataSource, { person: owner.person, id, name })))
      throw notFound();
    return this.read(owner, id);
  }

  /** @throws Problem 404 `device_not_found` */
  async end({ person }: Owner, id: string): Promise<void> {
    if (!isUuid(id) || !(await endSubscription(this.database.dataSource, person, id))) throw notFound();
  }

  endOfBrowser(browserHash: string): Promise<void> {
    return endOfBrowser(this.database.dataSource, browserHash);
  }

  /** @throws Problem 404 `device_not_found`, 429 `too_soon` */
  async test({ person }: Owner, id: string, locale: unknown): Promise<TestPushResponse> {
    const push = this.push ?? off();
    const device = isUuid(id) ? await beginTest(this.database.dataSource, person, id) : null;
    if (device === null) throw notFound();
    if (device === 'too_soon') throw tooSoon();
    return push.sendTest(device, typeof locale === 'string' ? locale : undefined);
  }

  private newestKey(): VapidKey {
    return (this.push ?? off()).keys[0];
  }

  /** @param publicKey that the browser subscribed with; without it the newest */
  private keyOf(publicKey: string | undefined): VapidKey {
    const newest = this.newestKey();
    const key = publicKey === undefined ? newest : this.push?.keys.find((one) => one.publicKey === publicKey);
    return key ?? staleKey();
  }

  private endpointOf(text: string): Endpoint {
    try {
      return parseEndpoint(text, (this.push ?? off()).local);
    } catch (error) {
      if (error instanceof PushError) throw invalidRequest(422, [{ path: 'endpoint', message: error.message }]);
      throw error;
    }
  }

  private async read({ person, browserHash }: Owner, id: string): Promise<PushSubscriptionView> {
    const [view] = await loadSubscriptions(this.database.dataSource, person, browserHash, id);
    if (!view) throw notFound();
    return view;
  }
}

/** A point that is not on the curve would fail at every push. */
function checkPoint(p256dh: string): void {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  try {
    pair.computeSecret(p256dh, 'base64url');
  } catch {
    const message = 'is no point on P-256: send what `subscription.toJSON()` gives';
    throw invalidRequest(422, [{ path: 'keys.p256dh', message }]);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function staleKey(): never {
  const detail =
    'The subscription was made with a key that is not in use any more: unsubscribe, subscribe with the key of `GET /notifications/push-key`, and register that.';
  throw new Problem(422, 'stale_key', 'Made with another key', detail);
}

function taken(): Problem {
  const detail =
    'Somebody else has registered this endpoint with other keys: unsubscribe, subscribe anew, and register that.';
  return new Problem(409, 'endpoint_taken', 'The endpoint is taken', detail);
}

function notFound(): Problem {
  const detail =
    'It is not among `GET /notifications/push-subscriptions`: it was removed, or its browser has another one by now.';
  return new Problem(404, 'device_not_found', 'No such device', detail);
}

function tooSoon(): Problem {
  const detail = `One test in ${TEST_SECONDS} seconds: wait a moment, then look at the device.`;
  return new Problem(429, 'too_soon', 'Tested a moment ago', detail, {
    headers: { 'retry-after': String(TEST_SECONDS) },
  });
}

function off(): never {
  const detail = 'This installation sends no push notifications. Mails go on as usual.';
  throw new Problem(404, 'push_off', 'Web push is switched off', detail);
}
