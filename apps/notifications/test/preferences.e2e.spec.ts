import type { TicketEvent } from '@bellhop/contracts/events';
import { type ExplanationResponse, type PreferencesResponse, WEEKDAYS } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { PushService, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { readMail } from './read-mail.js';
import { type RunningNotifications, runningNotifications } from './running-notifications.js';
import { vapidPair } from './vapid-pair.js';

const VAPID = vapidPair();
const ADA = 'ada@example.com';

let service: PushService;
let app: RunningNotifications;
let publisher: NatsConnection;

beforeAll(async () => {
  service = await PushService.start();
  app = await runningNotifications({
    VAPID_KEYS: VAPID.setting,
    PUSH_SUBJECT: 'mailto:ops@example.com',
    PUSH_LOCAL_SERVICE: service.url,
    PUSH_QUIET_SECONDS: '1',
    ALERT_QUIET_SECONDS: '1',
  });
  publisher = await connect({ servers: app.natsUrl });
});
afterAll(async () => {
  await publisher?.close();
  await app?.stop();
  await service?.close();
});
afterEach(async () => {
  service.forget();
  service.forgetRules();
  await app.database.dataSource.query('truncate push_subscriptions, person_settings, ticket_mutes');
});

async function ask<T = Record<string, unknown>>(
  method: string,
  path: string,
  { body, who = ADA, authTime }: { body?: object; who?: string; authTime?: number } = {},
): Promise<{ status: number; headers: Headers; body: T }> {
  const reply = await fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await app.token(who, authTime)}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
}
const preferences = (who?: string) => ask<PreferencesResponse>('GET', '/notifications/preferences', who ? { who } : {});
const set = (body: object, who = ADA) => ask<PreferencesResponse>('PUT', '/notifications/preferences', { body, who });

async function switchOn(who = ADA) {
  const subscription = service.subscribe({ vapidKey: VAPID.publicKey });
  expect((await ask('POST', '/notifications/push-subscriptions', { body: subscription, who })).status).toBe(201);
  return subscription.endpoint;
}

let tickets = 0;
async function publish(event: TicketEvent): Promise<TicketEvent> {
  await jetstream(publisher).publish(event.type.replace(/^ticket\.(.+)\.v1$/, 'tickets.v1.$1'), JSON.stringify(event));
  return event;
}
function replyTo(person: string, ticket: object = {}): Promise<TicketEvent> {
  const number = `P${++tickets}`;
  const requester = { kind: 'user' as const, id: person, email: `${person}@example.com` };
  return publish(
    buildEvent('ticket.replied.v1', {
      requester,
      actor: { kind: 'agent', id: 'lea' },
      ticket: { id: `T-${number}`, number, version: 2, ...ticket },
    }),
  );
}
const seen = (event: TicketEvent) =>
  publish(
    buildEvent('ticket.seen.v1', {
      requester: event.data.requester,
      actor: { kind: 'customer', id: 'ada' },
      ticket: event.data.ticket,
    }),
  );

/** What was decided for each channel of the requester: the reason and rule, and the state and due time of the delivery. */
async function decided(event: TicketEvent) {
  const rows = () =>
    app.database.dataSource.query(
      `select c.channel, c.reason, c.rule, d.state, d.reason as ended, extract(epoch from d.due_at - d.first_at)::float8 as seconds
       from decisions c left join deliveries d on d.id = c.delivery_id where c.event_id = $1`,
      [event.id],
    );
  await waitFor(async () => (await rows()).length >= 3, { what: 'a decision for each channel' });
  const found = await rows();
  return Object.fromEntries(found.map((row: { channel: string }) => [row.channel, row])) as Record<
    string,
    { reason: string | null; rule: string | null; state: string | null; ended: string | null; seconds: number | null }
  >;
}
const untilState = (event: TicketEvent, channel: string, state: string) =>
  waitFor(async () => (await decided(event))[channel]?.state === state, { what: `${channel} to be ${state}` });
const mailsAbout = (event: TicketEvent) =>
  app.mails.to(ADA).filter(({ raw }) => raw.includes(event.data.ticket.number));

describe('preferences', () => {
  it('are as by default until somebody changes them, and each role sees its own kinds', async () => {
    const { body } = await preferences();
    expect(body).toMatchObject({
      channels: { email: true, push: true, feed: true },
      mailAfterMinutes: 0,
      isMailAfterDefault: true,
      quietHours: null,
      locale: null,
      timeZone: null,
      effectiveTimeZone: expect.any(String),
      hasPhrase: false,
      phrase: null,
    });
    expect(body.kinds.map(({ kind }) => kind)).toEqual([
      'created',
      'replied',
      'information_requested',
      'resolved',
      'promise_missed',
    ]);
    expect(body.kinds[0]?.channels).toEqual({
      email: { isOn: true, isDefault: true, lock: 'receipt' },
      push: { isOn: false, isDefault: true, lock: 'not_on_channel' },
      feed: { isOn: true, isDefault: true, lock: null },
    });
    const agents = (await preferences('agent@example.com')).body;
    expect(agents.kinds.map(({ kind }) => kind)).toContain('promise_at_risk');
    expect(agents.mailAfterMinutes).toBe(15);
  });

  it('are replaced as a whole; what is left out is as by default again', async () => {
    const quietHours = { from: '22:00', to: '07:00', days: ['mon', 'sun'] };
    const first = await set({
      channels: { push: false },
      kinds: { replied: { email: false } },
      mailAfterMinutes: 60,
      quietHours,
      locale: 'pl_PL',
      timeZone: 'Central European Standard Time',
    });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      channels: { email: true, push: false, feed: true },
      mailAfterMinutes: 60,
      isMailAfterDefault: false,
      quietHours,
      locale: 'pl-PL',
      timeZone: expect.stringContaining('Europe/'),
    });
    const replied = first.body.kinds.find(({ kind }) => kind === 'replied')?.channels;
    expect(replied).toMatchObject({ email: { isOn: false, isDefault: false }, push: { isOn: false, isDefault: true } });
    expect((await preferences()).body).toEqual(first.body);
    expect((await set({})).body).toMatchObject({ channels: { push: true }, mailAfterMinutes: 0, quietHours: null });
    // Whoever has decided nothing has no row.
    expect(await app.database.dataSource.query('select from person_settings')).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['the receipt by mail', { kinds: { created: { email: false } } }, 'kinds.created.email'],
    ['a push for a receipt', { kinds: { created: { push: true } } }, 'kinds.created.push'],
  ])('a locked cell is refused with its reason: %s', async (_, body, path) => {
    const reply = await set(body);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ code: 'preference_locked', errors: [{ path }] });
  });

  it('an agent cannot silence a promise at risk on all three channels, by whichever switches', async () => {
    const silent = { kinds: { promise_at_risk: { email: false, push: false } }, channels: { feed: false } };
    expect((await set(silent, 'agent@example.com')).body).toMatchObject({ code: 'preference_locked' });
    const { body } = await set({ kinds: { promise_at_risk: { email: false, push: false } } }, 'agent@example.com');
    const cells = body.kinds.find(({ kind }) => kind === 'promise_at_risk')?.channels;
    expect(cells?.feed).toMatchObject({ isOn: true, lock: 'last_channel' });
    expect((await set({ channels: { email: false, push: false, feed: false } })).status).toBe(200);
  });

  it.each<[string, object, string]>([
    ['a zone that nobody knows', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['an abbreviation, which means several zones', { timeZone: 'IST' }, 'timeZone'],
    ['a language that is none', { locale: '!!' }, 'locale'],
    ['25 o’clock', { quietHours: { from: '25:00', to: '07:00' } }, 'quietHours.from'],
    ['no day at all', { quietHours: { from: '22:00', to: '07:00', days: [] } }, 'quietHours.days'],
    ['another number of minutes', { mailAfterMinutes: 7 }, 'mailAfterMinutes'],
    ['a channel that we do not have', { channels: { fax: true } }, 'channels'],
    ['a kind that we do not have', { kinds: { party: { email: true } } }, 'kinds'],
  ])('what makes no sense is refused by its name: %s', async (_, body, path) => {
    const reply = await set(body);
    expect(reply.status).toBe(422);
    const [error] = (reply.body as unknown as { errors: { path: string }[] }).errors;
    expect(error?.path.startsWith(path)).toBe(true);
  });
});

describe('what a person has decided', () => {
  it('F7 keeps a kind off a channel, and the explanation names the rule', async () => {
    await set({ kinds: { replied: { email: false } }, channels: { feed: false } });
    const event = await replyTo('ada');
    const decisions = await decided(event);
    expect(decisions).toMatchObject({
      email: { reason: 'switched_off', rule: 'replied.email' },
      feed: { reason: 'switched_off', rule: '*.feed' },
      push: { reason: 'no_device', rule: null },
    });
    const { body } = await ask<ExplanationResponse>('GET', `/ops/explanations/${event.id}`, { who: 'ops@example.com' });
    expect(body.decisions.find(({ channel }) => channel === 'email')).toMatchObject({
      outcome: 'skip',
      reason: 'switched_off',
      rule: 'replied.email',
    });
  });

  it('mutes one ticket on every channel, until it is undone', async () => {
    const first = await replyTo('ada');
    await untilState(first, 'feed', 'accepted');
    const { id, number } = first.data.ticket;
    expect((await ask('PUT', `/notifications/mutes/${id}`)).status).toBe(204);
    const { body } = await ask('GET', '/notifications/mutes');
    expect(body).toEqual({ items: [{ ticketId: id, ticketNumber: number, mutedAt: expect.any(String) }] });
    const muted = await decided(await replyTo('ada', { id, number, version: 3 }));
    for (const channel of ['email', 'feed', 'push'])
      expect(muted[channel]).toMatchObject({ reason: 'muted', rule: 'mute' });
    expect((await decided(await replyTo('ada'))).email?.reason).toBeNull();
    expect((await ask('DELETE', `/notifications/mutes/${id}`)).status).toBe(204);
    expect((await decided(await replyTo('ada', { id, number, version: 4 }))).email?.reason).toBeNull();
  });

  it('decides about what waits already, too', async () => {
    await switchOn();
    await set({ mailAfterMinutes: 15 });
    const event = await replyTo('ada');
    await untilState(event, 'push', 'accepted');
    expect((await decided(event)).email).toMatchObject({ state: 'pending', rule: 'mail_after' });
    await ask('PUT', `/notifications/mutes/${event.data.ticket.id}`);
    await app.database.dataSource.query(`update deliveries set due_at = now() where state = 'pending'`);
    await untilState(event, 'email', 'skipped');
    expect((await decided(event)).email?.ended).toBe('muted');
  });

  it('chooses the language and the zone, whatever the event says', async () => {
    await set({ locale: 'de', timeZone: 'Asia/Tokyo' });
    const event = await replyTo('ada');
    await untilState(event, 'email', 'accepted');
    const mail = await readMail(mailsAbout(event)[0]?.raw as Buffer);
    expect(mail.header('content-language')).toBe('de');
    const [row] = await app.database.dataSource.query('select timezone from deliveries where $1 = any (event_ids)', [
      event.id,
    ]);
    expect(row).toEqual({ timezone: 'Asia/Tokyo' });
  });

  it('holds a push in quiet hours, one for each ticket, and lets an emergency pass', async () => {
    const endpoint = await switchOn();
    const now = new Date();
    // From an hour ago to an hour ahead, whatever the day.
    const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
    await set({ quietHours: { from: at(-1), to: at(1), days: [...WEEKDAYS] }, timeZone: 'UTC' });
    const first = await replyTo('ada');
    const { id, number } = first.data.ticket;
    const { push } = await decided(first);
    expect(push).toMatchObject({ state: 'pending', rule: 'quiet_hours' });
    expect(push?.seconds).toBeGreaterThan(3_500);
    const second = await decided(await replyTo('ada', { id, number, version: 3 }));
    expect(second.push).toMatchObject({ state: 'pending' });
    const pending = await app.database.dataSource.query(
      `select replies from deliveries where channel = 'push' and ticket_id = $1`,
      [id],
    );
    expect(pending).toEqual([{ replies: 2 }]);
    await replyTo('ada', { priority: 'emergency' });
    await waitFor(() => service.to(endpoint).length === 1, { what: 'the push of the emergency' });
  });
});

describe('seen here, silent there', () => {
  it('F5 the mail goes only if the push was not seen', async () => {
    const endpoint = await switchOn();
    await set({ mailAfterMinutes: 15 });
    const [read, unread] = [await replyTo('ada'), await replyTo('ada')];
    await waitFor(() => service.to(endpoint).length === 2, { what: 'both pushes' });
    expect((await decided(read)).email?.seconds).toBeGreaterThan(890);
    await seen(read);
    await waitFor(async () => {
      const rows = await app.database.dataSource.query('select seen_version from known_tickets where ticket_id = $1', [
        read.data.ticket.id,
      ]);
      return Number(rows[0]?.seen_version) === 2;
    });
    await app.database.dataSource.query(
      `update deliveries set due_at = now() where state = 'pending' and channel = 'email'`,
    );
    await Promise.all([untilState(read, 'email', 'skipped'), untilState(unread, 'email', 'accepted')]);
    expect((await decided(read)).email?.ended).toBe('seen');
    expect(mailsAbout(unread)).toHaveLength(1);
    expect(mailsAbout(read)).toHaveLength(0);
  });

  it('neither push nor mail goes where the page said so first', async () => {
    const endpoint = await switchOn();
    const event = buildEvent('ticket.replied.v1', {
      requester: { kind: 'user', id: 'ada', email: ADA },
      actor: { kind: 'agent', id: 'lea' },
      ticket: { id: 'T-first', number: 'FIRST', version: 5 },
    });
    await seen(event);
    await publish(event);
    expect(await decided(event)).toMatchObject({
      email: { reason: 'seen' },
      push: { reason: 'seen' },
      feed: { reason: 'seen' },
    });
    expect(service.to(endpoint)).toHaveLength(0);
  });

  it('a push that shows nowhere sends the mail at once', async () => {
    const endpoint = await switchOn();
    await set({ mailAfterMinutes: 240 });
    service.unsubscribe(endpoint);
    const event = await replyTo('ada');
    await untilState(event, 'push', 'skipped');
    await untilState(event, 'email', 'accepted');
    expect((await decided(event)).email?.rule).toBe('mail_after');
  });

  it('an agent who has marked it in the feed gets no mail', async () => {
    const agent = 'agent@example.com';
    const assigned = buildEvent('ticket.assigned.v1', {
      requester: { kind: 'user', id: 'ada', email: ADA },
      assignee: { kind: 'user', id: 'agent', email: agent },
      actor: { kind: 'system' },
      ticket: { id: 'T-agents', number: 'AGENTS', version: 2 },
    });
    await switchOn(agent);
    await publish(assigned);
    await Promise.all([untilState(assigned, 'feed', 'accepted'), untilState(assigned, 'push', 'accepted')]);
    expect((await ask('POST', '/notifications/feed/seen', { who: agent, body: { all: true } })).status).toBe(200);
    await app.database.dataSource.query(`update deliveries set due_at = now() where state = 'pending'`);
    await waitFor(async () => ['skipped', 'accepted'].includes((await decided(assigned)).email?.state ?? ''));
    expect((await decided(assigned)).email).toMatchObject({ state: 'skipped', ended: 'seen', rule: 'mail_after' });
  });
});

describe('the phrase', () => {
  const put = (phrase: string | null, authTime?: number) =>
    ask('PUT', '/notifications/phrase', { body: { phrase }, ...(authTime !== undefined && { authTime }) });

  it('stands in every mail and on the settings page, and is sealed at rest', async () => {
    expect((await put('  blue <teapot> & 42 ')).status).toBe(204);
    expect((await preferences()).body.phrase).toBe('blue <teapot> & 42');
    const event = await replyTo('ada');
    await untilState(event, 'email', 'accepted');
    const mail = await readMail(mailsAbout(event)[0]?.raw as Buffer);
    expect(mail.text).toContain('blue <teapot> & 42');
    expect(mail.html).toContain('blue &lt;teapot&gt; &amp; 42');
    expect(mail.subject).not.toContain('teapot');
    const [{ dump }] = await app.database.dataSource.query(
      'select string_agg(s::text, $1) as dump from person_settings s',
      [''],
    );
    expect(dump).not.toContain('teapot');
    // Settings that are replaced leave it alone.
    expect((await set({ mailAfterMinutes: 15 })).body.phrase).toBe('blue <teapot> & 42');
    await set({});
    expect((await put(null)).status).toBe(204);
    expect(await app.database.dataSource.query('select from person_settings')).toEqual([]);
  });

  it('is only for whoever has signed in within ten minutes', async () => {
    const old = Math.floor(Date.now() / 1000) - 601;
    const reply = await put('green kettle', old);
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ code: 'sign_in_too_old' });
    expect(reply.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    expect((await preferences()).body.hasPhrase).toBe(false);
    await put('green kettle');
    // Nor may it be read then: whoever finds an open session must not learn to look like us.
    const { body } = await ask<PreferencesResponse>('GET', '/notifications/preferences', { authTime: old });
    expect(body).toMatchObject({ hasPhrase: true, phrase: null });
  });

  it.each([1e300, Math.floor(Date.now() / 1000) + 3_600])(
    'is not for a sign-in in the future, which is a mistake of the provider: %d',
    async (authTime) => {
      expect((await put('green kettle', authTime)).body).toMatchObject({ code: 'sign_in_too_old' });
    },
  );

  it('whose key is gone leaves the page usable', async () => {
    await put('green kettle');
    await app.database.dataSource.query(
      `update person_settings set sealed_phrase = set_byte(sealed_phrase, 1, get_byte(sealed_phrase, 1) # 1)`,
    );
    expect((await preferences()).body).toMatchObject({ hasPhrase: true, phrase: null });
    expect((await set({ mailAfterMinutes: 15 })).status).toBe(200);
    expect((await put('red kettle')).status).toBe(204);
    expect((await preferences()).body.phrase).toBe('red kettle');
  });

  it.each(['ab', 'x'.repeat(61), 'two\nlines', 'https://evil.example', 'a@b.example', 'evil\u202etxt'])(
    'is refused when it is short, long, more than a line, or looks like a link: %j',
    async (phrase) => {
      expect((await put(phrase)).status).toBe(422);
    },
  );
});
