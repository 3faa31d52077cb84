import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { type OidcProvider, type ResendServer, SmtpSink, startOidc, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Resend } from 'resend';
import type { DataSource } from 'typeorm';
import { insertDelivery } from './delivery-rows.js';
import { Notifier } from './notifier.js';
import { forgeries, insertTaken, newSecret, report, secondsNow, signed, takenDelivery } from './webhooks.js';

const [oldSecret, secret] = [newSecret(), newSecret()];

let sink: SmtpSink;
let oidc: OidcProvider;
let notifier: Notifier;

beforeAll(async () => {
  [sink, oidc] = await Promise.all([SmtpSink.start(), startOidc()]);
  notifier = await Notifier.start({
    emailUrl: sink.url,
    env: {
      RESEND_WEBHOOK_SECRETS: `${secret},${oldSecret}`,
      ALERT_QUIET_SECONDS: '0',
      OIDC_ISSUER: oidc.issuer,
      OIDC_AUDIENCE: oidc.audience,
    },
  });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await Promise.all([sink?.close(), oidc?.stop()]);
});

const post = ({ body, headers }: ReturnType<typeof signed>, type = 'application/json') =>
  fetch(`${notifier.app.url}/webhooks/resend`, {
    method: 'POST',
    body: body as string,
    headers: { 'content-type': type, ...headers },
  });
const query = async (sql: string, parameters: unknown[] = []) => (await notifier.database.query(sql, parameters)).rows;
const feedbackOf = async (id: string) =>
  (await query('select feedback from deliveries where id = $1', [id]))[0].feedback;
const receipts = async () => (await query('select count(*)::int as count from webhook_receipts'))[0].count;
const taken = () => takenDelivery(notifier.database as unknown as DataSource);

describe('S26 a webhook', () => {
  it.each(forgeries(secret))('%s is answered 401 and has no effect', async (_, attack) => {
    const { id, body } = await taken();
    const before = await receipts();
    const reply = await post(attack(body));
    expect([reply.status, await reply.json()]).toEqual([401, expect.objectContaining({ code: 'webhook_refused' })]);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await feedbackOf(id)).toBeNull();
    expect(await receipts()).toBe(before);
    expect((await post(signed(secret, body))).status).toBe(200);
    expect(await feedbackOf(id)).toBe('delivered');
  });

  it('that is intercepted and replayed is answered 401 and has no effect', async () => {
    const { id, body } = await taken();
    const caught = signed(secret, body);
    expect((await post(caught)).status).toBe(200);
    await query('update deliveries set feedback = null where id = $1', [id]);
    expect((await Promise.all([1, 2, 3].map(() => post(caught)))).map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(await feedbackOf(id)).toBeNull();
  });

  it('that the provider sends again with a newer time is answered 200 and has no effect', async () => {
    const { id, body } = await taken();
    const once = { id: `msg_${randomUUID()}`, timestamp: String(secondsNow() - 5) };
    expect((await post(signed(secret, body, once))).status).toBe(200);
    await query('update deliveries set feedback = null where id = $1', [id]);
    expect((await post(signed(secret, body, { ...once, timestamp: String(secondsNow()) }))).status).toBe(200);
    expect(await feedbackOf(id)).toBeNull();
  });

  it('is valid under the old and the new secret during a rotation', async () => {
    for (const one of [oldSecret, secret]) {
      const { id, body } = await taken();
      expect((await post(signed(one, body))).status).toBe(200);
      expect(await feedbackOf(id)).toBe('delivered');
    }
  });

  it('has the limits of every other body, and is read as JSON only when it is signed', async () => {
    for (const size of [65_537, 2_097_152]) expect((await post(signed(secret, ' '.repeat(size)))).status).toBe(413);
    expect((await post(signed(secret, '{}'), 'text/plain')).status).toBe(415);
    expect((await post({ body: '{', headers: {} })).status).toBe(401);
    expect((await post(signed(secret, '{'))).status).toBe(400);
    for (const body of ['null', '[]', '{}', '"email.delivered"', '{"type":"email.delivered","data":null}']) {
      expect((await post(signed(secret, body))).status).toBe(200);
    }
  });
});

describe('a webhook', () => {
  it('is verified over its exact bytes: white space, escapes, duplicate members', async () => {
    for (const wrap of [
      (body: string) => `\r\n\t ${body} \n`,
      (body: string) => body.replace('email.delivered', '\\u0065mail\\u002edelivered'),
      (body: string) => body.replace('{', '{"a":1.0,"a":10000000000000000000001,"ü":"\\/é\\u00e9",'),
    ]) {
      const { id, body } = await taken();
      const bytes = wrap(body);
      expect(JSON.stringify(JSON.parse(bytes))).not.toBe(bytes);
      expect((await post(signed(secret, bytes))).status).toBe(200);
      expect(await feedbackOf(id)).toBe('delivered');
    }
  });

  it('of a type that nobody knows yet is answered 200, as is one about a mail of another app', async () => {
    for (const body of [
      report('email.opened', { email_id: randomUUID() }),
      report('domain.updated', { id: randomUUID() }),
      report('email.something_new', { tags: { delivery: 7 } }),
      report('email.bounced', { email_id: randomUUID(), tags: { delivery: randomUUID() } }),
      report('email.bounced', { email_id: ['\u0000'], tags: [{ name: 'delivery', value: "' or true --" }] }),
    ]) {
      expect((await post(signed(secret, body))).status).toBe(200);
    }
    const metrics = await (await fetch(`${notifier.app.opsUrl}/metrics`)).text();
    for (const kind of ['ignored', 'foreign', 'refused', 'repeated', 'delivered']) {
      expect(metrics).toMatch(new RegExp(`bellhop_feedback_total\\{kind="${kind}".*\\} [1-9]`));
    }
  });

  it('is recorded among a thousand at once, within few transactions', async () => {
    await insertTaken(notifier.database, 1_000);
    const before = await receipts();
    const all = Array.from({ length: 1_000 }, (_, index) => report('email.delivered', { email_id: `e-${index + 1}` }));
    const replies = await Promise.all(all.map((body) => post(signed(secret, body))));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await receipts()).toBe(before + 1_000);
    const [{ heard, transactions }] = await query(
      `select count(*)::int as heard, count(distinct xmin::text)::int as transactions from deliveries
       where provider_ref like 'e-%' and feedback = 'delivered'`,
    );
    expect(heard).toBe(1_000);
    expect(transactions).toBeLessThan(200);
  });
});

describe('an address that bounced', () => {
  const alert = (email: string, version: number) =>
    buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: 'u-bouncing', email, locale: 'en' },
      ticket: { id: `T-${version}`, number: `N${version}`, version, url: `https://crm.example.com/t/${version}` },
    });
  const publish = async (email: string, version: number) => {
    const event = alert(email, version);
    await notifier.publish([event], 'crm');
    return waitFor(
      async () => {
        const [decision] = await notifier.decisions(event.id);
        return /accepted|skipped|dead/.test(decision?.state ?? '') && decision;
      },
      { what: `the delivery about ${email} to be settled` },
    );
  };
  const deliveryTo = async (address: string) =>
    (await query('select id from deliveries where endpoint = $1', [address]))[0].id as string;

  const lift = async (address: string) => {
    const reply = await fetch(`${notifier.app.url}/ops/suppressions/${encodeURIComponent(address)}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${await oidc.token('ops@example.com')}` },
    });
    if (reply.status === 404) expect(await reply.json()).toMatchObject({ code: 'not_suppressed' });
    return reply.status;
  };

  it('is read from the path in full, however long it is', async () => {
    const longest = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(59)}.example`;
    await query(
      `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', $1, 'bounced', gen_random_uuid())`,
      [longest],
    );
    expect(await lift(longest)).toBe(204);
    expect(await lift(longest)).toBe(404);
  });

  it('gets no further alert; another address of the same person does, and so does this one once it is lifted', async () => {
    await expect(publish('gone@example.com', 1)).resolves.toMatchObject({ state: 'accepted' });
    const id = await deliveryTo('gone@example.com');
    const transient = { bounce: { type: 'Transient', subType: 'MailboxFull', message: 'full' } };
    await post(signed(secret, report('email.bounced', { email_id: 'x', tags: { delivery: id }, ...transient })));
    await expect(publish('gone@example.com', 2)).resolves.toMatchObject({ state: 'accepted' });

    const permanent = { bounce: { type: 'Permanent', subType: 'General', message: 'gone@example.com is unknown' } };
    await post(
      signed(secret, report('email.bounced', { email_id: 'x', tags: [{ name: 'delivery', value: id }], ...permanent })),
    );
    await expect(publish('gone@example.com', 3)).resolves.toMatchObject({
      state: 'skipped',
      reason: 'address_suppressed',
    });
    await expect(publish('new@example.com', 4)).resolves.toMatchObject({ state: 'accepted' });
    expect(sink.to('gone@example.com')).toHaveLength(2);
    expect(sink.to('new@example.com')).toHaveLength(1);

    expect(await lift('Gone@Example.com')).toBe(204);
    expect(await lift('gone@example.com')).toBe(404);
    await expect(publish('gone@example.com', 5)).resolves.toMatchObject({ state: 'accepted' });
    expect(sink.to('gone@example.com')).toHaveLength(3);

    const events = await waitFor(
      async () => {
        const about = (await notifier.notificationEvents()).filter(({ data }) => data.deliveryId === id);
        return about.length >= 2 && about;
      },
      { what: 'the events about the delivery' },
    );
    expect(events.map(({ type, data }) => [type, data.reason])).toEqual([
      ['notification.accepted.v1', undefined],
      ['notification.bounced.v1', 'transient'],
    ]);
    const lines = notifier.logLines().filter((line) => line.includes(id));
    expect(lines.some((line) => line.includes('"feedback":"bounced"'))).toBe(true);
    expect(notifier.logLines().join('\n')).not.toContain('gone@example.com');
  });
});

describe('the provider itself, which reports everything twice and in any order', () => {
  let resend: ResendServer;
  beforeAll(async () => {
    resend = await startResend({
      webhooks: {
        url: `${notifier.app.url}/webhooks/resend`,
        secrets: [oldSecret],
        isDelivering: true,
        fates: { 'b@example.com': { type: 'email.bounced' }, 'c@example.com': { type: 'email.complained' } },
        isShuffled: true,
        duplicates: 0.4,
      },
    });
  });
  afterAll(() => resend?.stop());

  it('settles the requests that it never answered, each with its feedback', async () => {
    const dueLater = { due_at: new Date(Date.now() + 3_600_000), unknowns: 1 };
    const states = [
      { state: 'unknown', ...dueLater },
      { state: 'retrying', ...dueLater },
      { state: 'dead', reason: 'no_answer', settled_at: new Date() },
    ];
    const fates = { 'a@example.com': 'delivered', 'b@example.com': 'bounced', 'c@example.com': 'complained' };
    const mails = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const address = Object.keys(fates)[index % 3] as keyof typeof fates;
        const columns = {
          recipient_key: `crm:user:${randomUUID()}`,
          endpoint: address,
          ...states[index % states.length],
        };
        return { id: await insertDelivery(notifier.database as unknown as DataSource, columns), address };
      }),
    );
    const { error } = await new Resend('re_test_key', { baseUrl: resend.httpUrl }).batch.send(
      mails.map(({ id, address }) => ({
        from: 'support@example.test',
        to: address,
        subject: 'An update',
        text: 'Your ticket was updated.',
        tags: [{ name: 'delivery', value: id }],
      })),
    );
    expect(error).toBeNull();
    const messages = await waitFor(
      async () => {
        const all = await resend.webhooks();
        return all.length === 60 && all.every(({ isOver }) => isOver) && all;
      },
      { what: 'all webhooks to be taken' },
    );
    expect(messages.filter(({ statuses }) => !statuses.includes(200))).toEqual([]);
    const refs = new Map((await resend.emails()).map(({ id, tags }) => [tags?.delivery, id]));
    const rows = await query(
      'select id, state, reason, feedback, provider_ref, endpoint as address from deliveries where id = any ($1::uuid[])',
      [mails.map(({ id }) => id)],
    );
    expect(rows).toHaveLength(30);
    for (const { id, address, ...row } of rows) {
      expect(row).toEqual({
        state: 'accepted',
        reason: null,
        feedback: fates[address as keyof typeof fates],
        provider_ref: refs.get(id),
      });
    }
    const suppressed = await query(
      `select endpoint as address, reason from suppressions where endpoint like '_@example.com' order by 1`,
    );
    expect(suppressed).toEqual([
      { address: 'b@example.com', reason: 'bounced: Permanent General The mailbox does not exist.' },
      { address: 'c@example.com', reason: 'complained' },
    ]);
  });
});
