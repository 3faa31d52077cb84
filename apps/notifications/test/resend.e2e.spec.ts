import { buildEvent } from '@bellhop/contracts/testing';
import { type ResendServer, startResend, untilReady, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { databaseText } from './search.js';

let resend: ResendServer;
let notifier: Notifier;

beforeAll(async () => {
  resend = await startResend();
  notifier = await Notifier.start({ emailUrl: resend.url, env: { BRAND: 'Canary Brand' } });
  await notifier.untilReady();
});
afterAll(async () => {
  await notifier?.stop();
  await resend?.stop();
});
afterEach(async () => {
  await resend.forgetRules();
  await resend.set({ rateLimit: undefined });
  await resend.clear();
  await notifier.database.query('truncate deliveries, frozen_requests, suppressions');
});

let people = 0;
/** Solutions, which are sent at once, to so many new people. */
function solutions(count: number, ticket: { priority?: 'normal' | 'emergency' } = {}) {
  return Array.from({ length: count }, () => {
    people += 1;
    return buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: `r-${people}`, email: `reader-${people}@example.com` },
      ticket: { id: `R-${people}`, url: 'https://crm.example.com/t', ...ticket },
    });
  });
}
const addressOf = (event: ReturnType<typeof solutions>[number]) => event.data.requester.email as string;

interface Row {
  state: string;
  reason: string | null;
  address: string;
  tries: number;
  unknowns: number;
  batch_id: string;
}
const rows = async () =>
  (await notifier.database.query<Row>('select *, endpoint as address from deliveries order by endpoint')).rows;
const untilAllKnown = (count: number) =>
  waitFor(async () => (await notifier.countDeliveries()) === count, { what: `${count} deliveries`, timeoutMs: 60_000 });

async function deliver(events: ReturnType<typeof solutions>): Promise<Row[]> {
  await notifier.publish(events, 'crm');
  await untilAllKnown(events.length);
  await notifier.untilSettled();
  return rows();
}

async function mailsPerAddress(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { to } of await resend.emails({ isBrief: true })) {
    for (const address of to) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}
const expectOneMailEach = async (events: ReturnType<typeof solutions>) =>
  expect(await mailsPerAddress()).toEqual(new Map(events.map((event) => [addressOf(event), 1])));

/** The requests that send mails, in order. */
const sends = async () => (await resend.requests()).filter(({ method }) => method === 'POST');

describe('a provider that recognises keys', () => {
  it('gets the mails of many people in few requests, each with its own key', async () => {
    const events = solutions(300);
    expect((await deliver(events)).every(({ state }) => state === 'accepted')).toBe(true);
    await expectOneMailEach(events);
    const requests = await sends();
    expect(requests.length).toBeLessThan(100);
    expect(new Set(requests.map(({ key }) => key)).size).toBe(requests.length);
  });

  it('that accepts the mails and loses the answer gets the same request again, and nobody is notified twice', async () => {
    await resend.when({ at: 'after', answer: 'drop', times: 2 });
    const events = solutions(120);
    const after = await deliver(events);
    expect(after.every(({ state }) => state === 'accepted')).toBe(true);
    expect(after.some(({ unknowns }) => unknowns > 0)).toBe(true);
    await expectOneMailEach(events);
    const bodies = new Map<string, Set<string>>();
    for (const { key, hash } of await sends()) {
      bodies.set(String(key), (bodies.get(String(key)) ?? new Set()).add(String(hash)));
    }
    for (const hashes of bodies.values()) expect(hashes.size).toBe(1);
  });

  it('that answers 500 may have accepted them: the repeated key shows it, also if it had not', async () => {
    await resend.when({ at: 'before', answer: { status: 500 }, times: 1 });
    await resend.when({ at: 'after', answer: { status: 503 }, times: 1 });
    const events = solutions(150);
    expect((await deliver(events)).every(({ state }) => state === 'accepted')).toBe(true);
    await expectOneMailEach(events);
  });

  it('that refuses one address of many accepts the rest of the batch', async () => {
    const events = solutions(80);
    const bad = addressOf(events[40]!);
    await resend.when({ at: 'item', to: bad });
    const after = await deliver(events);
    expect(after.filter(({ state }) => state !== 'accepted').map(({ address, state }) => [address, state])).toEqual([
      [bad, 'dead'],
    ]);
    await expectOneMailEach(events.filter((event) => addressOf(event) !== bad));
  });

  it('that refuses a whole batch gets each mail by itself, so that only the bad one is refused', async () => {
    const events = solutions(30);
    const bad = addressOf(events[7]!);
    await resend.when({
      at: 'before',
      path: '/emails/batch',
      to: bad,
      answer: { status: 422, name: 'validation_error' },
    });
    await resend.when({ at: 'before', path: '/emails', to: bad, answer: { status: 422, name: 'validation_error' } });
    const after = await deliver(events);
    expect(after.filter(({ state }) => state === 'dead').map(({ address }) => address)).toEqual([bad]);
    await expectOneMailEach(events.filter((event) => addressOf(event) !== bad));
  });

  it('S33 gets the bytes of the first attempt also from a release with other templates', async () => {
    await resend.when({ at: 'after', answer: 'drop', times: 1 });
    const events = solutions(5);
    await notifier.publish(events, 'crm');
    await waitFor(async () => (await rows()).some(({ unknowns }) => unknowns > 0), {
      what: 'an attempt without an answer',
    });
    const other = await notifier.addReplica({ BRAND: 'Another Brand' });
    await notifier.replicas[0]?.stop('SIGKILL');
    notifier.replicas.shift();
    await untilReady('notifications', other.opsUrl);
    await untilAllKnown(events.length);
    await notifier.untilSettled();
    await expectOneMailEach(events);
    const repeated = (await sends()).filter(({ key }, index, all) => all.findIndex((one) => one.key === key) !== index);
    expect(repeated.length).toBeGreaterThan(0);
    await notifier.stopReplicas();
    await notifier.addReplica();
    await notifier.untilReady();
  });

  it('gets no repeated request when its key may have expired: the delivery is dead, with the reason', async () => {
    await resend.when({ at: 'after', answer: 'hang' });
    const [event] = solutions(1);
    await notifier.publish([event!], 'crm');
    await waitFor(async () => (await resend.emails({ isBrief: true })).length === 1, {
      what: 'the provider to take it',
    });
    await notifier.database.query(`update frozen_requests set frozen_at = now() - interval '24 hours'`);
    await notifier.app.stop('SIGKILL');
    notifier.replicas.shift();
    await notifier.addReplica();
    await notifier.untilSettled();
    expect(await rows()).toMatchObject([{ state: 'dead', reason: 'no_answer' }]);
    expect(await resend.emails({ isBrief: true })).toHaveLength(1);
  });
});

describe('a provider with limits', () => {
  it('gets as many requests as its headers allow, none fails, and urgent mails overtake the rest', async () => {
    const windowMs = 1_000;
    await resend.set({ rateLimit: { limit: 2, windowMs } });
    const bulk = solutions(1_500);
    await notifier.publish(bulk, 'crm');
    await waitFor(async () => (await resend.emails({ isBrief: true })).length > 100, {
      what: 'the bulk to flow',
      timeoutMs: 60_000,
    });
    const [urgent] = solutions(1, { priority: 'emergency' });
    await notifier.publish([urgent!], 'crm');
    await waitFor(async () => (await rows()).some(({ address }) => address === addressOf(urgent!)), {
      what: 'the urgent one to be due',
      timeoutMs: 60_000,
    });
    const dueAt = Date.now();
    const urgentMail = await waitFor(
      async () => (await resend.emails({ isBrief: true })).find(({ to }) => to.includes(addressOf(urgent!))),
      { what: 'the urgent mail' },
    );
    const sentBefore = (await resend.emails({ isBrief: true })).length;
    expect(sentBefore).toBeLessThan(bulk.length);
    await untilAllKnown(bulk.length + 1);
    await notifier.untilSettled();
    expect((await rows()).every(({ state }) => state === 'accepted')).toBe(true);
    await expectOneMailEach([...bulk, urgent!]);
    const requests = await sends();
    const refused = requests.filter(({ outcome }) => outcome === 429).length;
    const began = requests.find(({ key }) => key === urgentMail.key)?.startedAt ?? Number.NaN;
    const before = requests.filter(({ startedAt }) => startedAt > dueAt && startedAt < began).length;
    console.log(
      `${bulk.length} mails at 2 requests a second: ${requests.length} requests, ${refused} refused, ${before} before the urgent one`,
    );
    // Only requests in flight may be ahead of it.
    expect(before).toBeLessThanOrEqual(2);
    expect(refused).toBeLessThanOrEqual(requests.length * 0.1);
  });

  it('may say "too fast" more often than there are attempts: nothing is given up', async () => {
    await resend.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 0 }, times: 12 });
    const events = solutions(3);
    const after = await deliver(events);
    expect(after.every(({ state, tries }) => state === 'accepted' && tries === 1)).toBe(true);
    await expectOneMailEach(events);
  });
});

it('frozen requests are encrypted, and deleted once settled; neither the database nor the log contains a word of them', async () => {
  await resend.when({ at: 'before', answer: 'hang', times: 1 });
  const events = solutions(20);
  await notifier.publish(events, 'crm');
  await waitFor(async () => (await notifier.database.query('select 1 from frozen_requests')).rowCount, {
    what: 'a frozen request',
  });
  const dump = () => databaseText(notifier.database);
  // bytea is in hexadecimal: search for that form, too.
  const words = ['Canary Brand', 'support@example.test', '<html', 'has been'];
  const held = await dump();
  for (const word of words) {
    expect(held).not.toContain(word);
    expect(held).not.toContain(Buffer.from(word).toString('hex'));
  }
  await notifier.app.stop('SIGKILL');
  notifier.replicas.shift();
  await notifier.addReplica();
  await untilAllKnown(events.length);
  await notifier.untilSettled();
  await expectOneMailEach(events);
  expect((await notifier.database.query('select 1 from frozen_requests')).rowCount).toBe(0);
  const logs = notifier.logLines().join('\n');
  for (const word of [...words, 'reader-']) expect(logs).not.toContain(word);
});
