import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { type NatsServer, type ResendServer, startNats, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { GuestAuth } from './guest-auth.js';
import { Notifier } from './notifier.js';

let nats: NatsServer;
let resend: ResendServer;
let guestAuth: GuestAuth;
let notifier: Notifier;

beforeAll(async () => {
  [nats, resend] = await Promise.all([startNats(), startResend()]);
  notifier = await Notifier.start({ emailUrl: resend.url, nats });
  guestAuth = await GuestAuth.start(nats);
  await notifier.untilReady();
});
afterAll(async () => {
  await guestAuth?.stop();
  await notifier?.stop();
  await Promise.all([nats?.stop(), resend?.stop()]);
});
const tidy = async () => {
  await resend.forgetRules();
  await resend.set({ rateLimit: undefined });
  await resend.clear();
};
afterEach(async () => {
  await tidy();
  await notifier.database.query('truncate deliveries, decisions, told, frozen_requests, sealed_codes');
});

const ask = async (email: string, validMs = 600_000) => {
  const expiresAt = new Date(Date.now() + validMs).toISOString();
  const question = { challengeId: randomUUID(), email, code: '480217', number: 'RES1', expiresAt };
  await guestAuth.rpc.request('sendCode', question);
};
const mailTo = (address: string) =>
  waitFor(async () => (await resend.emails()).find(({ to }) => to.includes(address)), {
    what: `a mail to ${address}`,
    timeoutMs: 60_000,
  });
const sends = async () => (await resend.requests()).filter(({ path }) => path.startsWith('/emails'));
const rowOf = async (address: string) =>
  (await notifier.database.query('select state, reason, unknowns from deliveries where endpoint = $1', [address]))
    .rows[0];
let people = 0;
const bulkOf = (count: number) =>
  Array.from({ length: count }, () => {
    people += 1;
    return buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: `b-${people}`, email: `bulk-${people}@example.com` },
      ticket: { id: `B-${people}`, url: 'https://crm.example.com/t' },
    });
  });

it('a code overtakes other mails, and shares no request with them', async () => {
  await resend.set({ rateLimit: { limit: 2, windowMs: 1_000 } });
  await notifier.publish(bulkOf(1_200), 'crm');
  await waitFor(async () => (await resend.emails({ isBrief: true })).length > 100, {
    what: 'the bulk to flow',
    timeoutMs: 60_000,
  });
  await ask('urgent@example.com');
  const askedAt = Date.now();
  const mail = await mailTo('urgent@example.com');
  const requests = await sends();
  const began = requests.find(({ key }) => key === mail.key)?.startedAt ?? Number.NaN;
  const before = requests.filter(({ startedAt }) => startedAt > askedAt && startedAt < began).length;
  expect(before).toBeLessThanOrEqual(2);
  expect((await resend.emails({ isBrief: true })).length).toBeLessThan(1_200);
  const together = (await resend.emails({ isBrief: true })).filter(({ key }) => key === mail.key);
  expect(together.flatMap(({ to }) => to)).toEqual(['urgent@example.com']);
  await waitFor(async () => (await notifier.countDeliveries()) === 1_201, { timeoutMs: 60_000 });
  await notifier.untilSettled();
});

it('S33 a code whose answer was lost is repeated under its key, so that the guest gets it once', async () => {
  await resend.when({ at: 'after', answer: 'drop', times: 1 });
  await ask('lost-answer@example.com');
  await notifier.untilSettled();
  expect(await rowOf('lost-answer@example.com')).toMatchObject({ state: 'accepted', unknowns: 1 });
  expect(new Set((await sends()).map(({ key }) => key)).size).toBe(1);
  expect((await resend.emails()).filter(({ to }) => to.includes('lost-answer@example.com'))).toHaveLength(1);
});

it('a code is never repeated after it has expired, even if it may not have arrived', async () => {
  await resend.when({ at: 'before', answer: 'drop' });
  await ask('never@example.com', 2_000);
  await notifier.untilSettled();
  expect(await rowOf('never@example.com')).toMatchObject({ state: 'dead', reason: 'no_answer' });
  const tried = (await sends()).length;
  expect(tried).toBeGreaterThan(0);
  const { rows } = await notifier.database.query('select 1 from frozen_requests union all select 1 from sealed_codes');
  expect(rows).toEqual([]);
  // Its key would be valid for a day; another mail is sent meanwhile, and the code is not.
  await tidy();
  await ask('next@example.com');
  await mailTo('next@example.com');
  expect((await resend.emails()).flatMap(({ to }) => to)).toEqual(['next@example.com']);
});

it('a flood of codes delays no alert, and no code is prepared more often than it is sent', async () => {
  await resend.set({ rateLimit: { limit: 5, windowMs: 1_000 } });
  await Promise.all(Array.from({ length: 60 }, (_, index) => ask(`flood-${index}@example.com`)));
  await notifier.publish(bulkOf(1), 'crm');
  await mailTo(`bulk-${people}@example.com`);
  expect((await resend.emails({ isBrief: true })).length).toBeLessThan(30);
  await notifier.untilSettled();
  const { rows } = await notifier.database.query('select sum(fence)::int as claims from deliveries');
  expect(rows[0].claims).toBeLessThan(2 * 61);
});
