import type { PushSubscriptionView } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { type PushService, type PushSubscriptionKeys, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningNotifications } from './running-notifications.js';
import { type RunningWithPush, runningWithPush } from './running-with-push.js';
import { vapidPair } from './vapid-pair.js';

const PATH = '/notifications/push-subscriptions';

let running: RunningWithPush;
let service: PushService;
let app: RunningNotifications;

beforeAll(async () => {
  running = await runningWithPush();
  ({ app, service } = running);
});
afterAll(() => running?.stop());
afterEach(async () => {
  service.forget();
  service.forgetRules();
  await app.database.dataSource.query('truncate push_subscriptions, push_attempts');
});

/** Somebody's browser: it keeps its cookie. */
class Browser {
  private cookie = '';

  constructor(readonly person: string | null) {}

  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = this.person && (await app.token(`${this.person}@example.com`));
    const reply = await fetch(app.url + path, {
      method,
      headers: {
        cookie: this.cookie,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const [given] = reply.headers.getSetCookie();
    if (given) this.cookie = given.split(';')[0] ?? '';
    const text = await reply.text();
    return { status: reply.status, body: text === '' ? {} : JSON.parse(text) };
  }

  /** Somebody else signs in at the same browser. */
  as(person: string | null): Browser {
    return Object.assign(new Browser(person), { cookie: this.cookie });
  }

  async switchOn(subscription: PushSubscriptionKeys = service.subscribe({ vapidKey: running.vapidKey })) {
    const { status, body } = await this.ask('POST', PATH, subscription);
    expect(status).toBe(201);
    return { id: body.id as string, endpoint: subscription.endpoint };
  }

  async devices(): Promise<PushSubscriptionView[]> {
    return (await this.ask('GET', PATH)).body.items as PushSubscriptionView[];
  }
}

let tickets = 0;
/** A reply of an agent in a ticket of this person. */
async function replyTo(person: string, type: 'ticket.replied.v1' | 'ticket.created.v1' = 'ticket.replied.v1') {
  const event = buildEvent(type, {
    requester: { kind: 'user', id: person, email: `${person}@example.com`, locale: 'pl' },
    ticket: { id: `T-${++tickets}`, number: `N${tickets}`, version: 2 },
  });
  return running.publish(event);
}
const decisionsOf = (eventId: string) =>
  app.database.dataSource.query(
    `select channel, reason from decisions where event_id = $1 and channel = 'push' order by recipient_key`,
    [eventId],
  );
const decided = (eventId: string) =>
  waitFor(async () => (await decisionsOf(eventId)).length > 0, { what: 'a decision' });

describe('web push', () => {
  it('tells a person of a reply within a second, in their language, on the device that they switched on', async () => {
    const { endpoint, id } = await new Browser('ada').switchOn();
    const startedAt = Date.now();
    const event = await replyTo('ada');
    await waitFor(() => service.to(endpoint).length === 1, { what: 'the push' });
    // A second on an idle machine.
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    const [push] = service.to(endpoint);
    const { notification } = JSON.parse(push?.text ?? '');
    expect(notification).toMatchObject({ lang: 'pl', navigate: `https://support.example.test/tickets/T-${tickets}` });
    expect(notification.title).toContain(`N${tickets}`);
    await waitFor(async () => (await deliveriesOf(event.id))[0]?.state === 'accepted', { what: 'the outcome' });
    const [delivery] = await app.database.dataSource.query(`select id from deliveries where channel = 'push'`);
    const { body } = await new Browser('ops').ask('GET', `/ops/deliveries/${delivery.id}`);
    expect(body).toMatchObject({
      channel: 'push',
      state: 'accepted',
      devices: [{ id, service: 'local', outcome: 'accepted', status: 201, reason: null, attempts: 1 }],
    });
    expect(JSON.stringify(body)).not.toContain(endpoint.split('/').at(-1));
  });

  it('says why not: no device, nothing that a push tells, no account of ours', async () => {
    const [jan, receipt] = [await replyTo('jan'), await replyTo('ada', 'ticket.created.v1')];
    await Promise.all([decided(jan.id), decided(receipt.id)]);
    expect(await decisionsOf(jan.id)).toEqual([{ channel: 'push', reason: 'no_device' }]);
    expect(await decisionsOf(receipt.id)).toEqual([{ channel: 'push', reason: 'not_on_channel' }]);
  });

  it('one push without an answer is made again, and nobody else’s with it', async () => {
    const [ada, jan] = [await new Browser('ada').switchOn(), await new Browser('jan').switchOn()];
    service.when({ endpoint: ada.endpoint, times: 1, answer: { status: 500 } });
    const [event] = await Promise.all([replyTo('ada'), replyTo('jan')]);
    await waitFor(async () => (await deliveriesOf(event.id))[0]?.state === 'accepted', { what: 'the second attempt' });
    expect(service.to(ada.endpoint)).toHaveLength(1);
    expect(service.to(jan.endpoint)).toHaveLength(1);
  });

  it('404: the device is gone, and the person gets no push until they switch one on', async () => {
    const browser = new Browser('ada');
    const { endpoint } = await browser.switchOn();
    service.unsubscribe(endpoint);
    const event = await replyTo('ada');
    await waitFor(async () => (await deliveriesOf(event.id))[0]?.state === 'skipped', { what: 'the delivery' });
    expect(await deliveriesOf(event.id)).toEqual([{ state: 'skipped', reason: 'no_device' }]);
    expect(await browser.devices()).toEqual([]);
  });
});

const deliveriesOf = (eventId: string): Promise<{ state: string; reason: string | null }[]> =>
  app.database.dataSource.query(
    `select state, reason from deliveries where channel = 'push' and $1 = any (event_ids)`,
    [eventId],
  );

describe("a person's devices", () => {
  it('are switched on, listed, named, and switched off', async () => {
    const [laptop, phone] = [new Browser('ada'), new Browser('ada')];
    expect((await laptop.ask('GET', '/notifications/push-key')).body).toEqual({ key: running.vapidKey });
    const { id } = await laptop.switchOn();
    await phone.switchOn();
    expect(await laptop.devices()).toMatchObject([
      { isThisDevice: false, name: null, lastUsedAt: null },
      { id, isThisDevice: true, service: 'local', state: 'active' },
    ]);
    expect((await phone.ask('PATCH', `${PATH}/${id.toUpperCase()}`, { name: ' Work laptop ' })).body).toMatchObject({
      id,
      name: 'Work laptop',
    });
    expect((await phone.ask('DELETE', `${PATH}/${id}`)).status).toBe(204);
    expect((await phone.ask('DELETE', `${PATH}/${id}`)).body).toMatchObject({ code: 'device_not_found' });
    expect(await phone.devices()).toMatchObject([{ isThisDevice: true }]);
  });

  it('registered again is confirmed, and keeps its name', async () => {
    const browser = new Browser('ada');
    const subscription = service.subscribe({ vapidKey: running.vapidKey });
    const { id } = await browser.switchOn(subscription);
    await browser.ask('PATCH', `${PATH}/${id}`, { name: 'Phone' });
    expect(await browser.switchOn(subscription)).toMatchObject({ id });
    expect(await browser.devices()).toMatchObject([{ id, name: 'Phone' }]);
  });

  it('of another key are told so when they are registered', async () => {
    const browser = new Browser('ada');
    const { id } = await browser.switchOn();
    await app.database.dataSource.query(
      `update push_subscriptions set state = 'stale_key', sealed = null, ended_at = now()`,
    );
    const subscription = service.subscribe({ vapidKey: running.vapidKey });
    const other = { ...subscription, applicationServerKey: vapidPair().publicKey };
    expect(await browser.ask('POST', PATH, other)).toMatchObject({ status: 422, body: { code: 'stale_key' } });
    const fresh = { ...subscription, applicationServerKey: running.vapidKey };
    expect(await browser.ask('POST', PATH, fresh)).toMatchObject({ status: 201, body: { state: 'active' } });
    expect((await browser.devices()).map((one) => [one.id === id, one.state])).toEqual([
      [false, 'active'],
      [true, 'stale_key'],
    ]);
  });

  it('whose key is stale stay so when they are only confirmed', async () => {
    const browser = new Browser('ada');
    const subscription = service.subscribe({ vapidKey: running.vapidKey });
    const { id } = await browser.switchOn(subscription);
    await app.database.dataSource.query(
      `update push_subscriptions set state = 'stale_key', sealed = null, ended_at = now()`,
    );
    expect(await browser.ask('POST', PATH, subscription)).toMatchObject({ body: { id, state: 'stale_key' } });
  });

  it('are nobody else’s to see, name, try out or switch off', async () => {
    const { id } = await new Browser('ada').switchOn();
    const jan = new Browser('jan');
    expect(await jan.devices()).toEqual([]);
    const answers = [
      await jan.ask('PATCH', `${PATH}/${id}`, { name: 'mine' }),
      await jan.ask('DELETE', `${PATH}/${id}`),
      await jan.ask('POST', `${PATH}/${id}/tests`),
      await jan.ask('POST', `${PATH}/no-uuid/tests`),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(4).fill([404, 'device_not_found']));
  });

  it('W10 are tried out once in ten seconds', async () => {
    const browser = new Browser('jan');
    const { id, endpoint } = await browser.switchOn();
    expect((await browser.ask('POST', `${PATH}/${id}/tests`)).body).toEqual({ outcome: 'accepted', reason: null });
    const [test] = service.to(endpoint);
    expect(JSON.parse(test?.text ?? '').notification.title).toBe('Powiadomienia na tym urządzeniu działają');
    expect(JSON.parse(test?.text ?? '').notification.navigate).toBe('https://support.example.test');
    expect(await browser.ask('POST', `${PATH}/${id}/tests`)).toMatchObject({ status: 429, body: { code: 'too_soon' } });
    await app.database.dataSource.query(`update push_subscriptions set tested_at = now() - interval '10 seconds'`);
    service.when({ answer: { status: 410 } });
    expect((await browser.ask('POST', `${PATH}/${id}/tests`)).body).toMatchObject({ outcome: 'gone' });
    expect(await browser.devices()).toEqual([]);
  });

  it('W8 end at a sign-out, also when nobody is signed in any more, and with the next person at the browser', async () => {
    const browser = new Browser('ada');
    const first = await browser.switchOn();
    expect((await browser.as(null).ask('DELETE', PATH)).status).toBe(204);
    const second = await browser.switchOn();
    await browser.as('jan').switchOn();
    const event = await replyTo('ada');
    await decided(event.id);
    expect(await decisionsOf(event.id)).toEqual([{ channel: 'push', reason: 'no_device' }]);
    expect([...service.to(first.endpoint), ...service.to(second.endpoint)]).toEqual([]);
  });

  it.each([
    ['endpoint', { endpoint: 'https://evil.example/x' }, /push service/],
    ['endpoint', { endpoint: 'http://127.0.0.1:1/x' }, /https/],
    ['keys.p256dh', { keys: { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) } }, /no point/],
    ['keys.p256dh', { keys: { p256dh: 'short', auth: 'A'.repeat(22) } }, /65 bytes/],
    ['keys.auth', { keys: { p256dh: vapidPair().publicKey, auth: 'short' } }, /16 bytes/],
    ['name', { name: 'a\nb' }, /one line/],
    ['name', { name: 'x'.repeat(61) }, /60 characters/],
  ])('that cannot be used are refused, and %s is named: %j', async (path, over, message) => {
    const subscription = service.subscribe({ vapidKey: running.vapidKey });
    const { status, body } = await new Browser('ada').ask('POST', PATH, { ...subscription, ...over });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_request' });
    expect(body.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('stand nowhere in the clear', async () => {
    const { endpoint } = await new Browser('ada').switchOn();
    const rows = await app.database.dataSource.query('select * from push_subscriptions');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(endpoint.split('/').at(-1));
    const sealed: Buffer = rows[0].sealed;
    expect(sealed.includes(endpoint.split('/').at(-1) ?? '')).toBe(false);
  });
});
