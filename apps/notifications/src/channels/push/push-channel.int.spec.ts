import { randomUUID } from 'node:crypto';
import { type PushFaultRule, PushService } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { readyDatabase } from '../../../test/delivery-rows.js';
import { contentOf } from '../../../test/push-content.js';
import { vapidPair } from '../../../test/vapid-pair.js';
import type { Content, Outcome } from '../channel.js';
import { PushChannel } from './push-channel.js';
import { type Registration, registerSubscription } from './subscriptions/register-subscription.js';
import { sealKeys } from './subscriptions/sealed-keys.js';
import { parseVapidKeys } from './vapid.js';

const [newest, former] = [vapidPair(), vapidPair()];
const KEYS = parseVapidKeys(`${newest.setting},${former.setting}`);

let dataSource: DataSource;
let stop: () => Promise<void>;
let service: PushService;
let channel: PushChannel;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
  service = await PushService.start();
});
afterAll(async () => {
  await service?.close();
  await stop?.();
});
beforeEach(() => {
  channel = channelWith(KEYS);
});
afterEach(async () => {
  await channel.close();
  service.forgetRules();
  service.forget();
  await dataSource.query('truncate push_subscriptions, push_attempts');
});

function channelWith(keys: typeof KEYS, timeouts = { connectMs: 500, answerMs: 500 }): PushChannel {
  return new PushChannel(readyDatabase(dataSource), {
    keys,
    subject: 'mailto:ops@example.com',
    local: service.url,
    timeouts,
    brand: 'Example',
    publicUrl: 'https://support.example.test',
    quietMs: 0,
    closeMs: 1_000,
  });
}

/** A browser of somebody, registered as its page would. @returns its endpoint and the id of its row */
async function device(person: string, over: Partial<Registration> = {}, key = KEYS[0]) {
  const { endpoint, keys } = service.subscribe({ vapidKey: key.publicKey });
  const endpointHash = Buffer.from(endpoint);
  const row: Registration = {
    id: randomUUID(),
    person,
    endpointHash,
    keysHash: endpointHash,
    sealed: await sealKeys({ endpoint, keys }, endpointHash, key),
    vapidKey: key.publicKey,
    service: 'local',
    browserHash: randomUUID(),
    name: null,
    ...over,
  };
  const id = await dataSource.transaction((manager) => registerSubscription(manager, row));
  return { endpoint, id: id ?? 'taken' };
}

async function push(...contents: Content[]): Promise<Outcome[]> {
  return channel.send(contents.map((content) => ({ deliveryId: content.deliveryId, bytes: channel.compose(content) })));
}

const stateOf = async (id: string) => {
  const [row] = await dataSource.query('select state, sealed, accepted_at from push_subscriptions where id = $1', [id]);
  return row as { state: string; sealed: Buffer | null; accepted_at: Date | null };
};
const attemptsOf = (deliveryId: string) =>
  dataSource.query('select state, status, reason, attempts from push_attempts where delivery_id = $1', [deliveryId]);

describe('a push', () => {
  it('goes to every device of the person and to nobody else, and can be read there', async () => {
    const [phone, laptop, other] = [await device('ada'), await device('ada'), await device('bob')];
    const content = contentOf('ada');
    expect(await push(content)).toEqual([{ kind: 'accepted', ref: '2 of 2 devices' }]);
    expect(service.to(other.endpoint)).toEqual([]);
    for (const { endpoint, id } of [phone, laptop]) {
      const [got] = service.to(endpoint);
      expect(JSON.parse(got?.text ?? '')).toMatchObject({
        web_push: 8030,
        notification: { title: 'Your support ticket G4XS1R has a new reply', data: { deliveryId: content.deliveryId } },
      });
      expect(got?.headers).toMatchObject({ urgency: 'normal', contentEncoding: 'aes128gcm' });
      expect(Number(got?.headers.ttl)).toBeGreaterThan(86_000);
      expect(await stateOf(id)).toMatchObject({ state: 'active', accepted_at: expect.any(Date) });
    }
    expect(await attemptsOf(content.deliveryId)).toEqual([
      { state: 'accepted', status: 201, reason: null, attempts: 1 },
      { state: 'accepted', status: 201, reason: null, attempts: 1 },
    ]);
  });

  it('sent again replaces what the device has not fetched', async () => {
    const { endpoint } = await device('ada');
    const content = contentOf('ada');
    await push(content);
    await push(content);
    await push(contentOf('ada', { template: 'resolved' }));
    expect(service.to(endpoint)).toHaveLength(3);
    expect(service.shown()).toHaveLength(1);
    expect(await attemptsOf(content.deliveryId)).toMatchObject([{ attempts: 2 }]);
  });

  it('that is pointless by now is not sent, and one for nobody neither', async () => {
    const { endpoint } = await device('ada');
    const old = new Date(Date.now() - 86_400_001);
    expect(await push(contentOf('ada', { firstAt: old }))).toEqual([{ kind: 'skipped', reason: 'expired' }]);
    expect(await push(contentOf('bob'))).toEqual([{ kind: 'skipped', reason: 'no_device' }]);
    expect(service.to(endpoint)).toEqual([]);
  });

  it('W3 is signed with the key that its device was subscribed with, also after that was rotated', async () => {
    const [old, fresh] = [await device('ada', {}, KEYS[1]), await device('ada')];
    expect(await push(contentOf('ada'))).toEqual([{ kind: 'accepted', ref: '2 of 2 devices' }]);
    // The old pair was taken out of VAPID_KEYS too early.
    await channel.close();
    channel = channelWith(parseVapidKeys(newest.setting));
    expect(await push(contentOf('ada'))).toEqual([{ kind: 'accepted', ref: '1 of 2 devices' }]);
    expect([(await stateOf(old.id)).state, (await stateOf(fresh.id)).state]).toEqual(['stale_key', 'active']);
  });
});

describe('W4 what a push service answers', () => {
  it.each([404, 410])('%i ends the subscription, and its keys are forgotten', async (status) => {
    const { id } = await device('ada');
    service.when({ answer: { status } });
    expect(await push(contentOf('ada'))).toEqual([{ kind: 'skipped', reason: 'no_device' }]);
    expect(await stateOf(id)).toMatchObject({ state: 'gone', sealed: null });
  });

  it.each<[string, PushFaultRule, Outcome['kind']]>([
    ['400', { answer: { status: 400 } }, 'refused'],
    ['401', { answer: { status: 401 } }, 'not_sent'],
    ['403', { answer: { status: 403 } }, 'not_sent'],
    ['406', { answer: { status: 406 } }, 'refused'],
    ['408', { answer: { status: 408 } }, 'not_sent'],
    ['413', { answer: { status: 413 } }, 'refused'],
    ['429', { answer: { status: 429, retryAfterSeconds: 30 } }, 'throttled'],
    ['500', { answer: { status: 500 } }, 'unknown'],
    ['503', { answer: { status: 503 } }, 'throttled'],
    ['a redirect', { answer: { status: 302, location: 'http://127.0.0.1:9/' } }, 'refused'],
    ['silence', { answer: 'hang' }, 'unknown'],
    ['a connection that ends', { answer: 'drop' }, 'unknown'],
  ])('%s leaves the subscription as it is', async (_, fault, kind) => {
    const { id } = await device('ada');
    service.when(fault);
    const startedAt = Date.now();
    expect(await push(contentOf('ada'))).toMatchObject([{ kind }]);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(await stateOf(id)).toMatchObject({ state: 'active', sealed: expect.any(Buffer) });
  });

  it('ten megabytes: the status counts, and the rest is not read', async () => {
    await device('ada');
    service.when({ at: 'after', answer: 'huge' });
    expect(await push(contentOf('ada'))).toEqual([{ kind: 'accepted', ref: '1 of 1 devices' }]);
  });

  it('a subscription of another key, in the words of Apple and of Google: its page has to subscribe anew', async () => {
    for (const keyMismatch of ['apple', 'google'] as const) {
      service.set({ keyMismatch });
      const { endpoint, keys } = service.subscribe({ vapidKey: vapidPair().publicKey });
      const endpointHash = Buffer.from(endpoint);
      const { id } = await device('ada', {
        endpointHash,
        sealed: await sealKeys({ endpoint, keys }, endpointHash, KEYS[0]),
      });
      expect(await push(contentOf('ada'))).toEqual([{ kind: 'skipped', reason: 'no_device' }]);
      expect(await stateOf(id)).toMatchObject({ state: 'stale_key', sealed: null });
    }
  });

  it('429: the whole service is left alone for as long as it says', async () => {
    const { endpoint } = await device('ada');
    await device('bob');
    service.when({ endpoint, answer: { status: 429, retryAfterSeconds: 30 } });
    await push(contentOf('ada'));
    const before = service.pushes().length;
    const [outcome] = await push(contentOf('bob'));
    expect(outcome).toMatchObject({ kind: 'throttled', isForAll: true, reason: 'service_paused: local' });
    expect((outcome as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(25_000);
    expect(service.pushes()).toHaveLength(before);
  });

  it('403: our keys are refused, the operator hears of it, and nobody else is tried for a minute', async () => {
    await Promise.all([device('ada'), device('bob')]);
    service.when({ answer: { status: 403 } });
    expect(await push(contentOf('ada'))).toMatchObject([{ kind: 'not_sent', isOurs: true }]);
    const before = service.pushes().length;
    expect(await push(contentOf('bob'))).toMatchObject([{ kind: 'throttled', isForAll: true }]);
    expect(service.pushes()).toHaveLength(before);
  });
});

describe('W6 many pushes at once', () => {
  it('one device that never answers holds up its own push alone', async () => {
    const silent = await device('ada');
    await Promise.all(Array.from({ length: 9 }, (_, n) => device(`p${n}`)));
    service.when({ endpoint: silent.endpoint, answer: 'hang' });
    const outcomes = await push(contentOf('ada'), ...Array.from({ length: 9 }, (_, n) => contentOf(`p${n}`)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', ...Array(9).fill('accepted')]);
  });

  it('use fifty connections at most, and each gets through', async () => {
    await channel.close();
    // Waiting for a connection takes time as well.
    channel = channelWith(KEYS, { connectMs: 60_000, answerMs: 60_000 });
    await Promise.all(Array.from({ length: 10 }, () => device('ada')));
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, service.connections)), 5);
    const batches = Array.from({ length: 6 }, () => push(...Array.from({ length: 10 }, () => contentOf('ada'))));
    const outcomes = (await Promise.all(batches)).flat();
    clearInterval(watch);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(service.pushes()).toHaveLength(600);
    expect(most).toBeLessThanOrEqual(50);
  });
});

describe('devices of a person', () => {
  it('are ten: an eleventh ends the one that was confirmed longest ago', async () => {
    const all = [];
    for (let n = 0; n < 11; n++) all.push(await device('ada'));
    const states = await Promise.all(all.map(({ id }) => stateOf(id)));
    expect(states.map(({ state }) => state)).toEqual(['ended', ...Array(10).fill('active')]);
  });

  it('S25 end where somebody else uses the browser, and move where somebody else registers the endpoint', async () => {
    const before = await device('ada', { browserHash: 'one' });
    const after = await device('bob', { browserHash: 'one' });
    expect([(await stateOf(before.id)).state, (await stateOf(after.id)).state]).toEqual(['ended', 'active']);
    const { endpoint, keys } = service.subscribe({ vapidKey: newest.publicKey });
    const endpointHash = Buffer.from(endpoint);
    const same = {
      endpointHash,
      keysHash: endpointHash,
      sealed: await sealKeys({ endpoint, keys }, endpointHash, KEYS[0]),
    };
    const ids = [await device('cora', same), await device('dan', same)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    await push(contentOf('ada'), contentOf('cora'));
    expect(service.pushes()).toEqual([]);
  });

  it('S25 stay where they are when somebody registers an endpoint without its keys', async () => {
    const endpointHash = Buffer.from('known');
    const first = await device('ada', { endpointHash, keysHash: Buffer.from('keys') });
    expect((await device('mallory', { endpointHash, keysHash: Buffer.from('guessed') })).id).toBe('taken');
    expect(await stateOf(first.id)).toMatchObject({ state: 'active' });
  });

  it('leave no more than thirty rows, however often they are registered', async () => {
    for (let n = 0; n < 40; n++) await device('ada', { browserHash: 'one' });
    const [{ rows }] = await dataSource.query('select count(*)::int as rows from push_subscriptions');
    expect(rows).toBe(21);
  });

  it('registered at once, at one browser and at ten, neither wait for each other nor for what records their pushes', async () => {
    const browsers = ['a', 'b', 'c'];
    const people = ['ada', 'bob', 'cora'];
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        await device(people[n % 3] as string, { browserHash: browsers[(n >> 1) % 3] as string });
        await push(contentOf(people[(n + 1) % 3] as string));
      }),
    );
    const rows = await dataSource.query(
      `select browser_hash, count(*)::int as count from push_subscriptions where state = 'active' group by 1`,
    );
    expect(rows.every(({ count }: { count: number }) => count === 1)).toBe(true);
  });

  it('are looked up for a whole batch of people at once', async () => {
    await device('ada');
    const reached = (people: string[]) => dataSource.transaction((manager) => channel.reached(manager, people));
    expect(await reached(['ada', 'bob'])).toEqual(new Set(['ada']));
  });
});
