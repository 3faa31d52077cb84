import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { type SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GuestAuth } from './guest-auth.js';
import type { Notifier } from './notifier.js';
import { Operations } from './operations.js';
import { readMail } from './read-mail.js';

let stack: Operations;
let sink: SmtpSink;
let guestAuth: GuestAuth;
let notifier: Notifier;

beforeAll(async () => {
  stack = await Operations.start();
  ({ sink, notifier } = stack);
  guestAuth = await GuestAuth.start(stack.nats);
});
afterAll(async () => {
  await guestAuth?.stop();
  await stack?.stop();
});
afterEach(() => {
  sink.forgetRules();
  guestAuth.requests.length = 0;
});

const guest = (email: string, locale?: string) => ({ kind: 'guest' as const, email, ...(locale && { locale }) });
/** The event of a receipt, sent at once, as `tickets` publishes it after the address was proven. */
const receipt = (email: string, ticket: object = {}, locale?: string) =>
  buildEvent('ticket.created.v1', {
    requester: guest(email, locale),
    ticket: { id: randomUUID(), number: 'G1', version: 1, url: undefined, ...ticket },
  });
const account = (email: string) =>
  buildEvent('ticket.resolved.v1', {
    requester: { kind: 'user', id: email.split('@')[0] as string, email },
    ticket: { id: randomUUID(), number: 'A1', url: undefined },
  });
const arrived = async (address: string) =>
  readMail(await waitFor(() => sink.to(address)[0]?.raw, { what: `a mail to ${address}`, timeoutMs: 20_000 }));
const rowsTo = async (address: string) => {
  const { rows } = await notifier.database.query(
    'select id, state, reason, tries, ticket_id from deliveries where endpoint = $1 order by id',
    [address],
  );
  return rows as { id: string; state: string; reason: string | null; tries: number; ticket_id: string }[];
};
const untilTo = (address: string, what: { state: string; reason: string | null }) =>
  waitFor(
    async () => {
      const [row] = await rowsTo(address);
      return row?.state === what.state && row.reason === what.reason && row;
    },
    { what: `the delivery to ${address} to be ${what.state}: ${what.reason}` },
  );

describe('a guest of ours', () => {
  it.each([
    ['en', 'This link works only for this mailbox'],
    ['de', 'Dieser Link funktioniert nur für dieses Postfach'],
    ['pl', 'Ten link działa tylko dla tej skrzynki pocztowej'],
    ['zh-CN', '此链接仅限本邮箱使用'],
  ])(
    'gets a receipt with their own link, which says that it works only for this mailbox, in %s',
    async (locale, said) => {
      await guestAuth.answer();
      const address = `receipt-${locale.toLowerCase()}@example.com`;
      const event = receipt(address, {}, locale);
      await notifier.publish([event]);
      const { html, text } = await arrived(address);
      const [row] = await rowsTo(address);
      const link = `https://support.example.test/t/${guestAuth.links.get(row!.id)}`;
      expect(text).toContain(link);
      for (const part of [html, text]) expect(part).toContain(said);
      expect(guestAuth.requests.flat()).toEqual([
        { deliveryId: row!.id, ticketId: event.data.ticket.id, email: address },
      ]);
      // S32: one host, one address.
      expect(new Set(html.match(/href="[^"]*"/g))).toEqual(new Set([`href="${link}"`]));
      expect(text.match(/\w+:\/\/\S+/g)).toEqual([link]);
      expect(html).not.toMatch(/<img|\bsrc=/);
    },
  );

  it('of another system gets the link of that system, without a request to guest-auth', async () => {
    await guestAuth.answer();
    const event = receipt('theirs@example.com', { url: 'https://crm.example.com/t/G1' });
    await stack.publish(event);
    const { text } = await arrived('theirs@example.com');
    expect(text.match(/\w+:\/\/\S+/g)).toEqual(['https://crm.example.com/t/G1']);
    expect(guestAuth.requests).toEqual([]);
  });

  it('S34 who is no longer the requester when the mail is composed gets nothing, and no link is issued', async () => {
    await guestAuth.answer();
    const id = randomUUID();
    const reply = buildEvent('ticket.replied.v1', {
      requester: guest('former@example.com'),
      ticket: { id, number: 'G2', version: 3, url: undefined },
    });
    const handover = buildEvent('ticket.closed.v1', {
      requester: guest('present@example.com'),
      ticket: { id, number: 'G2', version: 4, url: undefined },
    });
    await notifier.publish([reply, handover]);
    await untilTo('former@example.com', { state: 'skipped', reason: 'requester_changed' });
    expect(sink.to('former@example.com')).toEqual([]);
    expect(guestAuth.requests).toEqual([]);
  });

  it('S34 gets nothing if the requester changes while the mail waits for its link', async () => {
    let release: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      void guestAuth.answer((message, requests) => {
        release = () =>
          message.respond(JSON.stringify(requests.map(({ deliveryId }) => ({ deliveryId, link: 'L'.repeat(43) }))));
        resolve();
      });
    });
    const event = receipt('meanwhile@example.com', { number: 'G3' });
    await notifier.publish([event]);
    await asked;
    const ticket = { ...event.data.ticket, version: 2 };
    await notifier.publish([buildEvent('ticket.closed.v1', { requester: guest('heir@example.com'), ticket })]);
    await waitFor(async () => {
      const { rows } = await notifier.database.query(
        'select 1 from known_tickets where ticket_id = $1 and version = 2',
        [ticket.id],
      );
      return rows.length > 0;
    });
    release();
    await untilTo('meanwhile@example.com', { state: 'skipped', reason: 'requester_changed' });
    expect(sink.to('meanwhile@example.com')).toEqual([]);
  });

  it('shares a request for links with others: one per claim, not one per mail', async () => {
    await guestAuth.answer();
    const people = Array.from({ length: 60 }, (_, index) => `crowd-${index}@example.com`);
    await notifier.publish(people.map((address) => receipt(address)));
    await Promise.all(people.map(arrived));
    expect(guestAuth.requests.flat()).toHaveLength(60);
    expect(guestAuth.requests.length).toBeLessThan(30);
    const links = people.map((address) => readMail(sink.to(address)[0]!.raw));
    const found = (await Promise.all(links)).map(({ text }) => /\/t\/(\S+)/.exec(text)?.[1]);
    expect(new Set(found).size).toBe(60);
  });
});

describe('while guest-auth is unavailable', () => {
  it.each<[string, () => Promise<void>]>([
    ['no replica of it runs', () => guestAuth.leave()],
    ['it does not answer', () => guestAuth.answer(() => undefined)],
    ['it answers with an error', () => guestAuth.answer((message) => message.respond('no JSON at all'))],
  ])('guests’ mails wait, others’ do not, and no attempt is counted: %s', async (how, goAway) => {
    const tag = how.replaceAll(' ', '-');
    await goAway();
    const waiting = Array.from({ length: 5 }, (_, index) => `waiting-${tag}-${index}@example.com`);
    const others = Array.from({ length: 5 }, (_, index) => `other-${tag}-${index}@example.com`);
    await notifier.publish(waiting.flatMap((address, index) => [receipt(address), account(others[index] as string)]));
    const startedAt = Date.now();
    await Promise.all(others.map(arrived));
    // Well below the three seconds of an unanswered request.
    expect(Date.now() - startedAt).toBeLessThan(2_500);
    await Promise.all(waiting.map((address) => untilTo(address, { state: 'retrying', reason: 'links_unavailable' })));
    // The same again, now that it is known to be unavailable.
    const later = `later-${tag}@example.com`;
    await notifier.publish([account(later)]);
    await arrived(later);
    expect(waiting.flatMap((address) => sink.to(address))).toEqual([]);
    for (const address of waiting) expect((await rowsTo(address))[0]).toMatchObject({ tries: 0 });

    await guestAuth.answer();
    await Promise.all(waiting.map(arrived));
    await notifier.untilSettled();
    for (const address of waiting) {
      expect(sink.to(address)).toHaveLength(1);
      expect(await rowsTo(address)).toMatchObject([{ state: 'accepted', tries: 1 }]);
    }
  });

  it('codes are sent: they need no link', async () => {
    await guestAuth.leave();
    await notifier.publish([receipt('stuck@example.com')]);
    await untilTo('stuck@example.com', { state: 'retrying', reason: 'links_unavailable' });
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    const question = { challengeId: randomUUID(), email: 'code@example.com', code: '480217', number: 'G1', expiresAt };
    expect(await guestAuth.rpc.request('sendCode', question)).toEqual({ accepted: true });
    await arrived('code@example.com');
    await guestAuth.answer();
    await arrived('stuck@example.com');
  });
});

it('a guest’s mail that failed is repeated with the link of its first attempt, without a request for another', async () => {
  await guestAuth.answer();
  const address = 'retried@example.com';
  sink.when({ at: 'rcpt', to: address, answer: '451 later', times: 1 });
  await notifier.publish([receipt(address)]);
  const { text } = await arrived(address);
  const [row] = await rowsTo(address);
  expect(guestAuth.requests.flat()).toHaveLength(1);
  expect(text).toContain(guestAuth.links.get(row!.id) as string);
});

it('a ticket that cannot be one of ours gets no link, and does not spoil the request of others', async () => {
  await guestAuth.answer();
  await notifier.publish([receipt('odd@example.com', { id: 'T-1' }), receipt('even@example.com')]);
  await arrived('even@example.com');
  await untilTo('odd@example.com', { state: 'dead', reason: 'no_link' });
});

describe('a fresh link that a guest requested', () => {
  const question = (email: string, more: object = {}) => ({
    requestId: randomUUID(),
    ticketId: randomUUID(),
    email,
    number: 'G7',
    ...more,
  });

  it.each([
    ['en', 'New link to your support ticket G7'],
    ['de', 'Neuer Link zu Ihrem Support-Ticket G7'],
    ['pl', 'Nowy link do Twojego zgłoszenia G7'],
    ['zh-CN', '您的客服工单 G7 的新链接'],
  ])('arrives at once, in %s: %s', async (locale, subject) => {
    await guestAuth.answer();
    const asked = question(`fresh-${locale.toLowerCase()}@example.com`, { locale });
    expect(await guestAuth.rpc.request('sendLink', asked)).toEqual({ accepted: true });
    const mail = await arrived(asked.email);
    expect(mail.subject).toBe(subject);
    const [row] = await rowsTo(asked.email);
    expect(mail.text.match(/\w+:\/\/\S+/g)).toEqual([`https://support.example.test/t/${guestAuth.links.get(row!.id)}`]);
    expect(mail.header('list-unsubscribe')).toBeUndefined();
  });

  it('S33 is one mail, however often its request is repeated', async () => {
    await guestAuth.answer();
    const asked = question('once@example.com');
    const answers = await Promise.all(Array.from({ length: 10 }, () => guestAuth.rpc.request('sendLink', asked)));
    expect(new Set(answers.map(({ accepted }) => accepted))).toEqual(new Set([true]));
    await notifier.untilSettled();
    expect(sink.to(asked.email)).toHaveLength(1);
  });

  it('is not merged with an alert about the same ticket, and replaces none', async () => {
    await guestAuth.answer();
    const address = 'both@example.com';
    const ticketId = randomUUID();
    const reply = buildEvent('ticket.replied.v1', {
      requester: guest(address),
      ticket: { id: ticketId, number: 'G8', version: 2, url: undefined },
    });
    await notifier.publish([reply]);
    await waitFor(async () => (await rowsTo(address)).length === 1);
    await guestAuth.rpc.request('sendLink', question(address, { ticketId, number: 'G8' }));
    await waitFor(() => sink.to(address).length === 2, { what: 'both mails' });
    const subjects = await Promise.all(sink.to(address).map(async ({ raw }) => (await readMail(raw)).subject));
    expect(subjects).toEqual(['New link to your support ticket G8', 'Your support ticket G8 has a new reply']);
  });

  it('S34 is not sent to somebody who is no longer the requester', async () => {
    await guestAuth.answer();
    const event = receipt('owner@example.com', { number: 'G9' });
    await notifier.publish([event]);
    await arrived('owner@example.com');
    await guestAuth.rpc.request('sendLink', question('stranger@example.com', { ticketId: event.data.ticket.id }));
    await untilTo('stranger@example.com', { state: 'skipped', reason: 'requester_changed' });
  });
});
