import { createECDH, createHash, randomUUID } from 'node:crypto';
import type { PushSubscriptionView, RegisterPushRequest, TestPushResponse } from '@bellhop/contracts/http';
import { Database, Problem } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { isUuid } from '../../../ops/cursor.js';
import { type Endpoint, parseEndpoint } from '../endpoint.js';
import { PushError } from '../push.errors.js';
import { PUSH, type PushChannel } from '../push-channel.js';
import type { VapidKey } from '../vapid.js';
import { beginTest, TEST_SECONDS } from './begin-test.js';
import { endOfBrowser, endSubscription } from './end-subscriptions.js';
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

  /** @throws Problem 422 `invalid_request`, 404 `push_off` */
  async register({ person, browserHash }: Owner, request: RegisterPushRequest): Promise<PushSubscriptionView> {
    const vapid = this.newestKey();
    const { url, service } = this.endpointOf(request.endpoint);
    const { endpoint, keys, name = null } = { ...request, endpoint: url };
    checkPoint(keys.p256dh);
    const endpointHash = createHash('sha256').update(endpoint).digest();
    const sealed = await sealKeys({ endpoint, keys }, endpointHash, vapid);
    const row = {
      id: randomUUID(),
      person,
      endpointHash,
      sealed,
      vapidKey: vapid.publicKey,
      service,
      browserHash,
      name,
    };
    const dataSource = await this.database.whenReady();
    const id = await dataSource.transaction((manager) => registerSubscription(manager, row));
    return this.read({ person, browserHash }, id);
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

  private endpointOf(text: string): Endpoint {
    try {
      return parseEndpoint(text, (this.push ?? off()).local);
    } catch (error) {
      if (error instanceof PushError) throw wrongField('endpoint', error.message);
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
    throw wrongField('keys.p256dh', 'is no point on P-256: send what `subscription.toJSON()` gives');
  }
}

function wrongField(path: string, message: string): Problem {
  const title = 'The request cannot be used';
  return new Problem(422, 'invalid_request', title, `${path} ${message}`, { errors: [{ path, message }] });
}

function notFound(): Problem {
  const detail =
    'It is not among `GET /notifications/push-subscriptions`: it was removed, or its browser has another one by now.';
  return new Problem(404, 'device_not_found', 'No such device', detail);
}

function tooSoon(): Problem {
  const detail = `One test in ${TEST_SECONDS} seconds for each device: wait a moment, then look at the device.`;
  return new Problem(429, 'too_soon', 'Tested a moment ago', detail, {
    headers: { 'retry-after': String(TEST_SECONDS) },
  });
}

function off(): never {
  const detail = 'This installation sends no push notifications. Mails go on as usual.';
  throw new Problem(404, 'push_off', 'Web push is switched off', detail);
}
