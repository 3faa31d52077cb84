import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import webpush from 'web-push';
import { KEYS, push, requestFor, SUBJECT, send } from '../../test/web-push-client.js';
import { type TemporaryFolder, temporaryFolder } from '../folders.js';
import { PushService } from './push-service.js';
import { createVapidKeys } from './vapid-keys.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('the push service', () => {
  let service: PushService;
  beforeAll(async () => {
    service = await PushService.start();
  });
  afterEach(() => service.forget());
  afterAll(() => service.close());

  const get = async (path: string) => (await fetch(service.url + path)).json();

  it('gives an endpoint and keys to whoever asks over HTTP, and takes what web-push encrypts for them', async () => {
    const answer = await fetch(`${service.url}/subscriptions`, { method: 'POST' });
    expect(answer.status).toBe(201);
    const subscription = (await answer.json()) as ReturnType<PushService['subscribe']>;
    expect(subscription).toEqual({
      endpoint: expect.stringMatching(`^${service.url}/push/[\\w-]{32}$`),
      keys: { p256dh: expect.stringMatching(/^[\w-]{87}$/), auth: expect.stringMatching(/^[\w-]{22}$/) },
    });
    const taken = await push(subscription, 'Hello', { topic: 'T-1', urgency: 'high', TTL: 90 });
    expect(taken).toMatchObject({ status: 201, text: '' });
    expect(taken.headers.get('location')).toMatch(`${service.url}/messages/`);
    expect(taken.headers.get('ttl')).toBeNull();
    const [first] = service.pushes();
    const headers = { topic: 'T-1', urgency: 'high', ttl: '90', contentEncoding: 'aes128gcm' };
    expect(await get('/pushes')).toEqual([first]);
    expect(first).toMatchObject({
      endpoint: subscription.endpoint,
      headers: { ...headers, contentType: 'application/octet-stream' },
      text: 'Hello',
      problem: null,
      vapidKey: KEYS.publicKey,
      isTaken: true,
      outcome: 201,
    });
    expect(first?.endsAt).toBe((first?.at ?? 0) + 90_000);
  });

  it.each([
    ['emoji', '👩🏽‍🚒 Überraschung 🇵🇱'],
    ['Arabic', 'تم حل تذكرتك رقم ٤٧١١'],
    ['Chinese', '您的工单已解决'],
    ['markup', '<script>alert("1")</script>'],
    ['the empty text', ''],
    ['the largest text, 3,993 bytes', 'x'.repeat(3_993)],
    ['the largest text in another script', 'ع'.repeat(1_996)],
  ])('decrypts %s', async (_, text) => {
    const subscription = service.subscribe();
    expect((await push(subscription, text)).status).toBe(201);
    expect(service.to(subscription.endpoint).map((one) => one.text)).toEqual([text]);
  });

  it('takes a push without a body, which only wakes the browser', async () => {
    const subscription = service.subscribe();
    expect((await push(subscription, null)).status).toBe(201);
    expect(service.to(subscription.endpoint)).toMatchObject([{ text: '', bytes: 0 }]);
  });

  it('takes what it cannot decrypt, as a real one would, and says so', async () => {
    const [subscription, other] = [service.subscribe(), service.subscribe()];
    expect((await send(subscription.endpoint, requestFor({ ...other, endpoint: subscription.endpoint }))).status).toBe(
      201,
    );
    const [got] = service.to(subscription.endpoint);
    expect(got).toMatchObject({ text: null, problem: expect.stringMatching(/^It cannot be decrypted: .*\.$/) });
    expect(service.shown()).toEqual([]);
  });

  it('lists the newest first, and forgets when it is told to', async () => {
    const subscription = service.subscribe();
    for (const text of ['one', 'two', 'three']) await push(subscription, text);
    expect(service.pushes().map(({ text }) => text)).toEqual(['three', 'two', 'one']);
    expect((await fetch(`${service.url}/pushes`, { method: 'DELETE' })).status).toBe(204);
    expect(service.pushes()).toEqual([]);
    expect((await push(subscription, 'four')).status).toBe(201);
  });

  it('shows a device that comes online the newest of each topic, each within its TTL', async () => {
    const [phone, tablet] = [service.subscribe(), service.subscribe()];
    await push(phone, 'replaced', { topic: 'A' });
    await push(phone, 'of another topic', { topic: 'B' });
    await push(tablet, 'of another device', { topic: 'A' });
    await push(phone, 'without a topic');
    await push(phone, 'without one, too');
    await push(phone, 'only for who is there', { TTL: 0 });
    await push(phone, 'newest', { topic: 'A', TTL: 600 });
    const expected = ['newest', 'without one, too', 'without a topic', 'of another device', 'of another topic'];
    expect(service.shown().map(({ text }) => text)).toEqual(expected);
    expect(await get('/shown')).toEqual(service.shown());
    service.advance(61_000);
    expect(service.shown().map(({ text }) => text)).toEqual(['newest']);
    service.advance(600_000);
    expect(service.shown()).toEqual([]);
  });

  it('shortens a TTL of more than 30 days, and tells the one it keeps', async () => {
    const answer = await push(service.subscribe(), 'Hello', { TTL: 9_999_999 });
    expect([answer.status, answer.headers.get('ttl')]).toEqual([201, '2592000']);
  });

  it('takes as many keys as there are subscriptions, each bound to its own', async () => {
    const other = webpush.generateVAPIDKeys();
    const named = service.subscribe({ vapidKey: other.publicKey });
    expect((await push(named)).status).toBe(403);
    const vapidDetails = { subject: SUBJECT, ...other };
    expect((await push(named, 'Hello', { vapidDetails })).status).toBe(201);
    const body = JSON.stringify({ vapidKey: 'AAAA' });
    const refused = await fetch(`${service.url}/subscriptions`, { method: 'POST', body });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { message: 'The VAPID key is no uncompressed point of P-256 in base64url.' },
    ]);
  });

  it('answers 410 once the browser has withdrawn', async () => {
    const subscription = service.subscribe();
    expect((await push(subscription)).status).toBe(201);
    expect((await fetch(subscription.endpoint, { method: 'DELETE' })).status).toBe(204);
    expect((await push(subscription)).status).toBe(410);
  });

  it('takes keys that we make without a library', async () => {
    const keys = createVapidKeys();
    expect([keys.publicKey, keys.privateKey].map((key) => Buffer.from(key, 'base64url').length)).toEqual([65, 32]);
    const options = { vapidDetails: { subject: SUBJECT, ...keys } };
    expect((await push(service.subscribe({ vapidKey: keys.publicKey }), 'Hello', options)).status).toBe(201);
  });

  it('is gone and comes back on the same port, with its subscriptions', async () => {
    const subscription = service.subscribe();
    await service.pause();
    await expect(push(subscription)).rejects.toThrow();
    await service.resume();
    expect((await push(subscription)).status).toBe(201);
  });

  it('lets tokens run out by its own clock', async () => {
    const subscription = service.subscribe();
    const request = requestFor(subscription);
    service.advance(DAY_MS);
    const answer = await send(subscription.endpoint, request);
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('`exp` is in the past')]);
  });
});

describe('the push service with a data folder', () => {
  let folder: TemporaryFolder;
  beforeAll(() => {
    folder = temporaryFolder('push');
  });
  afterAll(() => folder.remove());

  it('knows its subscriptions, their keys and their ends after a restart', async () => {
    const before = await PushService.start({ dataDir: folder.path });
    const [bound, gone] = [before.subscribe(), before.subscribe()];
    await push(bound);
    before.unsubscribe(gone.endpoint);
    await before.close();
    const after = await PushService.start({ dataDir: folder.path, port: before.port });
    try {
      const vapidDetails = { subject: SUBJECT, ...webpush.generateVAPIDKeys() };
      expect((await push(bound, 'Hello', { vapidDetails })).status).toBe(403);
      expect((await push(bound, 'again')).status).toBe(201);
      expect(after.to(bound.endpoint).map(({ text }) => text)).toEqual(['again']);
      expect((await push(gone)).status).toBe(410);
    } finally {
      await after.close();
    }
  });
});
