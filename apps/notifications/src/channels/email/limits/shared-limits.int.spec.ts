import { randomUUID } from 'node:crypto';
import { type ResendServer, SmtpSink, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readyDatabase } from '../../../../test/delivery-rows.js';
import { MailDispatch } from '../../../../test/mail-dispatch.js';
import { recordStatements } from '../../../../test/statements.js';
import { EmailChannel } from '../email-channel.js';
import { blocksOf } from './blocks.js';
import { leaseBlocks } from './lease-blocks.js';
import { loadLimits } from './provider-limits.js';
import { SharedLimits } from './shared-limits.js';

const LONG_MS = 120_000;

let mails: MailDispatch;
let resend: ResendServer;

beforeAll(async () => {
  mails = await MailDispatch.start();
});
afterAll(() => mails?.stop());
beforeEach(async () => {
  resend = await startResend();
});
afterEach(async () => {
  await mails.end();
  await resend.stop();
});

/** Each is a request of its own. */
const insert = (count: number, prefix?: string) => mails.insert(count, prefix, { isAlone: true });

/** So many replicas, each with a dispatcher and limits of its own. */
function start(replicas: number, emailUrl: string): EmailChannel[] {
  return Array.from({ length: replicas }, () =>
    mails.send(emailUrl, { limits: new SharedLimits(readyDatabase(mails.dataSource)) }),
  );
}

/** When the requests that send mails arrived, by the provider's clock. */
const arrivals = async () =>
  (await resend.requests()).filter(({ method }) => method === 'POST').map(({ startedAt }) => startedAt);

/** The most in any second, wherever it begins. */
const mostInASecond = (times: readonly number[]) =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));

describe('three replicas', () => {
  it('together never make more requests in a second than the provider allows, and a block at most', async () => {
    await resend.set({ rateLimit: { limit: 10, windowMs: 1_000 } });
    await insert(80);
    start(3, resend.url);
    await mails.until(`state = 'accepted'`, 80);
    const times = await arrivals();
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    const refused = (await resend.requests()).filter(({ outcome }) => outcome === 429).length;
    console.log(
      `80 requests in ${seconds.toFixed(1)} s, at most ${mostInASecond(times)} in a second, ${refused} refused`,
    );
    expect(mostInASecond(times)).toBeLessThanOrEqual(10 + blocksOf(10).size);
    expect(await loadLimits(mails.dataSource, [`127.0.0.1:${resend.port}`])).toMatchObject([{ limit: 10 }]);
    // Alerts have seven a second; half of that is what a busy machine makes of it.
    expect(seconds).toBeLessThan(80 / 3.5);
    expect(await mails.count('tries > 1')).toBe(0);
  }, 180_000);

  it('leave 30 % to what guests wait for, which gets through while alerts have used up their part', async () => {
    await resend.set({ rateLimit: { limit: 5, windowMs: 1_000 } });
    start(3, resend.url);
    await insert(60);
    await waitFor(async () => (await mails.count(`state = 'accepted'`)) > 6, {
      what: 'the bulk to flow',
      timeoutMs: LONG_MS,
    });
    const waits: number[] = [];
    for (const name of ['one', 'two', 'three']) {
      const startedAt = Date.now();
      await mails.insertRequested(name);
      await waitFor(async () => (await mails.count(`state = 'accepted' and recipient_key = '${name}'`)) === 1, {
        what: 'the code',
        timeoutMs: LONG_MS,
      });
      waits.push(Date.now() - startedAt);
    }
    expect(await mails.count(`settled_at is null and request_id is null`)).toBeGreaterThan(10);
    console.log(`codes waited ${waits.join(', ')} ms`);
    const { forAlerts } = blocksOf(5);
    const blocks: { number: number }[] = await mails.dataSource.query(
      'select number from provider_blocks order by number',
    );
    expect(blocks.some(({ number }) => number >= forAlerts)).toBe(true);
    expect(Math.max(...waits)).toBeLessThan(5_000);
  }, 180_000);

  it.each([1, 3])(
    'let alerts through a flood of what guests have requested, with %s of them',
    async (replicas) => {
      await resend.set({ rateLimit: { limit: 5, windowMs: 1_000 } });
      for (let n = 0; n < 60; n++) await mails.insertRequested(`flood${n}`);
      start(replicas, resend.url);
      const waits: number[] = [];
      for (const name of ['one', 'two', 'three']) {
        const startedAt = Date.now();
        await insert(1, name);
        await waitFor(async () => (await mails.count(`state = 'accepted' and endpoint like '${name}%'`)) === 1, {
          what: 'the alert',
          timeoutMs: LONG_MS,
        });
        waits.push(Date.now() - startedAt);
      }
      console.log(`alerts waited ${waits.join(', ')} ms`);
      expect(await mails.count('settled_at is null and request_id is not null')).toBeGreaterThan(0);
      expect(Math.max(...waits)).toBeLessThan(5_000);
    },
    180_000,
  );

  it('all wait when the provider has told one of them to', async () => {
    await resend.set({ rateLimit: { limit: 20, windowMs: 1_000 } });
    start(3, resend.url);
    await insert(20);
    await mails.until(`state = 'accepted'`, 20);
    await insert(200, 'q');
    await resend.when({ at: 'before', answer: { status: 429, retryAfterSeconds: 5 }, times: 1 });
    const pausedAt = await waitFor(
      async () => (await resend.requests()).find(({ outcome }) => outcome === 429)?.startedAt,
      { what: 'a refusal', timeoutMs: 30_000 },
    );
    await waitFor(() => Date.now() > pausedAt + 5_000, { what: 'the end of the pause' });
    const meanwhile = (await arrivals()).filter((time) => time > pausedAt + 2_500 && time < pausedAt + 4_500);
    expect(meanwhile).toEqual([]);
    await mails.until(`state = 'accepted'`, 220);
    expect(await mails.count('tries > 1')).toBe(0);
  }, 180_000);

  it('keep to the rate that EMAIL_URL sets for a mail server, which names none', async () => {
    const sink = await SmtpSink.start();
    const times: number[] = [];
    const { push } = sink.mails;
    sink.mails.push = (...mails) => {
      times.push(Date.now());
      return push.apply(sink.mails, mails);
    };
    await insert(60);
    start(3, `${sink.url}?rate=10`);
    await mails.until(`state = 'accepted'`, 60);
    expect(mostInASecond(times)).toBeLessThanOrEqual(10);
    expect(await mails.count('tries > 1')).toBe(0);
    await mails.shutdown.run();
    await sink.close();
  }, 180_000);
});

it('without a limit no statement is made for it but one look a second', async () => {
  const statements = recordStatements(mails.dataSource);
  start(1, resend.url);
  await insert(50);
  const startedAt = performance.now();
  await mails.until(`state = 'accepted'`, 50);
  const looks = statements.filter((one) => one.includes('provider_limits') || one.includes('provider_blocks'));
  // Once the limit is stored that is none: more than a thousand a second.
  expect(looks.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 1_000);
  expect(await mails.dataSource.query('select 1 from provider_blocks')).toEqual([]);
});

describe('a block', () => {
  const lease = (holder: string, blocks: number, { count: of = 5, kept = 3, leaseMs = 60_000 } = {}) =>
    leaseBlocks(mails.dataSource, { provider: 'p', holder, count: of, kept, blocks, leaseMs });
  const [one, two] = [randomUUID(), randomUUID()];

  it('belongs to one replica until its lease ends', async () => {
    expect(await lease(one, 4)).toHaveLength(4);
    expect(await lease(two, 4)).toHaveLength(1);
    expect(await lease(two, 4)).toHaveLength(1);
    await mails.dataSource.query(
      `update provider_blocks set lease_until = now() - interval '1 second' where holder = $1`,
      [one],
    );
    expect(await lease(two, 4)).toHaveLength(4);
    expect(await lease(one, 4)).toHaveLength(1);
  });

  it('is renewed before another one is taken', async () => {
    const held = await lease(one, 2);
    expect((await lease(one, 2)).sort()).toEqual(held.sort());
    expect(await lease(one, 3)).toEqual(expect.arrayContaining(held));
  });

  it('that is kept for guests is taken for them first, and never for alerts', async () => {
    expect((await lease(one, 2)).sort()).toEqual([3, 4]);
    expect((await lease(two, 5, { count: 3 })).sort()).toEqual([0, 1, 2]);
  });

  it('is never leased twice, however many ask at the same time', async () => {
    const holders = Array.from({ length: 8 }, () => randomUUID());
    const got = (await Promise.all(holders.map((holder) => lease(holder, 2, { count: 10, kept: 7 })))).flat();
    expect(new Set(got).size).toBe(got.length);
  });
});
