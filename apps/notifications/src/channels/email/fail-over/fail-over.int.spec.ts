import { Metrics, Readiness } from '@bellhop/http';
import { type ResendServer, SmtpSink, startResend, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailDispatch } from '../../../../test/mail-dispatch.js';
import { watchProviders } from './watch-providers.js';

const LONG_MS = 120_000;
/** Of a circuit, so that a test need not wait. */
const QUICK = { firstMs: 200, longestMs: 400 };
/** So long that it does not end within a test. */
const NEVER = { firstMs: 600_000, longestMs: 600_000 };

let mails: MailDispatch;
let resend: ResendServer;
let sink: SmtpSink;

beforeAll(async () => {
  mails = await MailDispatch.start();
});
afterAll(() => mails?.stop());
beforeEach(async () => {
  [resend, sink] = await Promise.all([startResend(), SmtpSink.start()]);
});
afterEach(async () => {
  await mails.end();
  await Promise.all([resend.stop(), sink.close()]);
});

/** A dispatcher with short leases. */
const start = (emailUrl: string, times = QUICK) => mails.send(emailUrl, { times, leaseSeconds: 2 });

interface Row {
  endpoint: string;
  state: string;
  provider: string;
  tries: number;
  unknowns: number;
}
const rows = (): Promise<Row[]> =>
  mails.dataSource.query('select endpoint, state, provider, tries, unknowns from deliveries order by endpoint');

const takenByResend = async () => (await resend.emails({ isBrief: true })).flatMap(({ to }) => to);
const takenBySink = () => sink.mails.flatMap(({ to }) => to);
/** How often each person got a mail, by whichever provider. */
async function mailsPerPerson(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const to of [...(await takenByResend()), ...takenBySink()]) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

describe('a first provider that is killed', () => {
  it('in the middle of 2,000 mails: all go through the second, none is lost, and nobody is notified twice', async () => {
    await mails.insert(2_000);
    await resend.set({ delayMs: 30 });
    const channel = start(`${resend.url},${sink.url}`);
    await waitFor(async () => (await takenByResend()).length >= 300, {
      what: 'the first to be busy',
      timeoutMs: LONG_MS,
    });
    await resend.pause();
    // What it may have taken waits for it, and nothing else does.
    await waitFor(
      async () => (await mails.count(`state in ('pending', 'leased', 'sending', 'retrying') and unknowns = 0`)) === 0,
      {
        what: 'the second to take the rest',
        timeoutMs: LONG_MS,
      },
    );
    const moved = await mails.count(`state = 'accepted' and provider = '127.0.0.1:${sink.port}'`);
    const waiting = await mails.count('settled_at is null');
    console.log(`${2_000 - moved - waiting} by the first, ${moved} by the second, ${waiting} wait for the first`);
    expect(moved).toBeGreaterThan(500);
    expect(waiting).toBeLessThanOrEqual(1_000);
    expect(await mails.count(`state = 'accepted' and tries > 1`)).toBe(0);
    await resend.resume();
    await mails.until(`state = 'accepted'`, 2_000);
    const perPerson = await mailsPerPerson();
    expect(perPerson.size).toBe(2_000);
    expect([...perPerson.values()].filter((mails) => mails !== 1)).toEqual([]);
    await mails.insert(1, 'later');
    await mails.until(`state = 'accepted'`, 2_001);
    await waitFor(() => channel.provider() === channel.providers[0], { what: 'the first to be used again' });
  }, 240_000);

  it('is used again once it takes mails, without a mail that is lost to the trial', async () => {
    const channel = start(`${sink.url},${resend.url}`);
    await sink.refuseConnections();
    await mails.insert(5, 'away');
    await mails.until(`state = 'accepted'`, 5);
    expect((await takenByResend()).length).toBe(5);
    expect(channel.problem).toMatch(/^127\.0\.0\.1:\d+ takes no mails \(.*Mails go through 127\.0\.0\.1:\d+/);
    await sink.acceptConnections();
    await waitFor(
      async () => {
        await mails.insert(1, `back${await mails.count('true')}-`);
        await mails.until(`state = 'accepted'`, await mails.count('true'));
        return channel.problem === null;
      },
      { what: 'the first to be used again', timeoutMs: 30_000 },
    );
    expect(await mails.count('tries > 1 or unknowns > 0')).toBe(0);
    await mails.insert(20, 'healed');
    await mails.until(`state = 'accepted' and endpoint like 'healed%'`, 20);
    expect(takenBySink().filter((to) => to.startsWith('healed'))).toHaveLength(20);
    expect([...(await mailsPerPerson()).values()].filter((mails) => mails !== 1)).toEqual([]);
  }, 60_000);
});

/** Makes the lost mail due again and again: at a moment without capacity it is given back, and waits for half a minute. */
async function repeatLost(until: string): Promise<void> {
  const isSo = async () => {
    if ((await mails.count(`endpoint like 'lost%' and ${until}`)) === 1) return true;
    await mails.dataSource.query(`update deliveries set due_at = now() where endpoint like 'lost%' and due_at > now()`);
    return false;
  };
  await waitFor(isSo, { what: `the lost mail to be ${until}`, timeoutMs: LONG_MS });
}

describe('a mail that the first provider may have taken', () => {
  it('stays with it until it answers, though everything else goes through the second', async () => {
    await resend.when({ at: 'after', answer: 'drop', times: 1 });
    await mails.insert(1, 'lost');
    const channel = start(`${resend.url},${sink.url}`);
    await mails.until('unknowns > 0', 1);
    await resend.pause();
    await mails.insert(50);
    await mails.until(`state = 'accepted'`, 50);
    await repeatLost('tries > 1');
    expect(channel.provider()).toBe(channel.providers[1]);
    expect(takenBySink()).not.toContain('lost1@example.com');
    await resend.resume();
    await repeatLost(`state = 'accepted'`);
    await mails.until(`state = 'accepted'`, 51);
    expect((await rows()).find(({ endpoint }) => endpoint === 'lost1@example.com')).toMatchObject({
      provider: `127.0.0.1:${resend.port}`,
    });
    expect([...(await mailsPerPerson()).values()].filter((mails) => mails !== 1)).toEqual([]);
  }, 60_000);

  it('is repeated once by a mail server that comes back, and by no other', async () => {
    sink.when({ at: 'dot', answer: 'drop', times: 1 });
    await mails.insert(1, 'lost');
    const channel = start(`${sink.url},${resend.url}`);
    await mails.until('unknowns > 0', 1);
    await sink.refuseConnections();
    await mails.insert(5);
    await mails.until(`state = 'accepted'`, 5);
    await repeatLost(`tries > 1 and state = 'retrying'`);
    expect(channel.provider()).toBe(channel.providers[1]);
    await sink.acceptConnections();
    await repeatLost(`state = 'accepted'`);
    await mails.until(`state = 'accepted'`, 6);
    expect(takenBySink().filter((to) => to === 'lost1@example.com')).toHaveLength(2);
    expect(await takenByResend()).not.toContain('lost1@example.com');
  }, 60_000);

  it('is repeated by the only one that is configured, whose address may have changed', async () => {
    await mails.insert(1);
    await mails.dataSource.query(
      `update deliveries set state = 'unknown', unknowns = 1, provider = 'former.example.com:587', batch_id = uuidv7()`,
    );
    start(sink.url);
    await mails.until(`state = 'accepted'`, 1);
    expect([...(await mailsPerPerson()).values()]).toEqual([1]);
  });

  it('is given up when its provider is not configured any more', async () => {
    await mails.insert(1);
    await mails.dataSource.query(
      `update deliveries set state = 'unknown', unknowns = 1, provider = 'former.example.com:587', batch_id = uuidv7()`,
    );
    start(`${sink.url},${resend.url}`);
    await mails.until(`state = 'dead' and reason = 'no_answer'`, 1);
    expect(await mailsPerPerson()).toEqual(new Map());
  });
});

describe("one address's own refusal", () => {
  it('never moves it to the second provider, and opens nothing', async () => {
    for (let n = 1; n <= 4; n++) {
      sink.when({ at: 'rcpt', to: `gone${n}@example.com`, answer: '550 5.1.1 User unknown' });
      sink.when({ at: 'rcpt', to: `full${n}@example.com`, answer: '452 4.2.2 Mailbox full' });
      sink.when({ at: 'rcpt', to: `grey${n}@example.com`, answer: '450 4.7.1 Greylisted, try again in 300 seconds' });
    }
    const channel = start(`${sink.url},${resend.url}`, NEVER);
    // One kind after the other, so that no other answer comes between.
    await mails.insert(4, 'gone');
    await mails.until(`state = 'dead' and reason like 'address_refused%'`, 4);
    await mails.insert(4, 'full');
    await mails.until(`endpoint like 'full%' and tries > 0`, 4);
    await mails.insert(4, 'grey');
    await mails.until(`state = 'retrying' and endpoint like 'grey%'`, 4);
    await mails.insert(3);
    await mails.until(`state = 'accepted'`, 3);
    expect(channel.problem).toBeNull();
    expect(await takenByResend()).toEqual([]);
  });

  it('is not mistaken for an outage though its mail is tried again and again', async () => {
    sink.when({ at: 'rcpt', to: 'odd1@example.com', answer: '554 5.7.1 Relay access denied' });
    await mails.insert(1, 'odd');
    const channel = start(`${sink.url},${resend.url}`, NEVER);
    for (let tries = 1; tries <= 4; tries++) {
      await mails.until(`state = 'retrying' and tries = ${tries}`, 1);
      await mails.dataSource.query('update deliveries set due_at = now()');
    }
    expect(channel.problem).toBeNull();
    expect(await takenByResend()).toEqual([]);
  }, 60_000);
});

describe('a first provider that refuses us', () => {
  it('because of our key is left alone, and an operator reads why', async () => {
    const metrics = new Metrics('notifications');
    const readiness = new Readiness();
    await mails.insert(150);
    const channel = start(`${resend.url.replace('re_test_key', 're_Wrong_key')},${sink.url}`, NEVER);
    watchProviders(channel, metrics, readiness);
    await mails.until(`state = 'accepted'`, 150);
    expect(takenBySink()).toHaveLength(150);
    expect(await mails.count('tries > 1')).toBe(0);
    const [problem] = await readiness.degraded();
    expect(problem).toMatchObject({ name: 'mail_providers', problem: expect.stringMatching(/key_refused.*EMAIL_URL/) });
    expect(problem?.problem).not.toContain('re_Wrong_key');
    expect(await metrics.metrics()).toContain(
      `bellhop_mail_provider_open{provider="127.0.0.1:${resend.port}",service="notifications"} 1`,
    );
  });

  it('for a quota that is used up is left alone, and nothing waits for the next day', async () => {
    await resend.set({ quota: { daily: 10 } });
    await mails.insert(120);
    start(`${resend.url},${sink.url}`, NEVER);
    await mails.until(`state = 'accepted'`, 120);
    expect(await mails.count('tries > 1')).toBe(0);
    expect([...(await mailsPerPerson()).values()].filter((mails) => mails !== 1)).toEqual([]);
  });

  it('by saying nothing but 500 is left alone after three requests, and those stay with it', async () => {
    await resend.when({ at: 'before', answer: { status: 500 }, path: '/emails' });
    const channel = start(`${resend.url},${sink.url}`, NEVER);
    for (let n = 1; n <= 3; n++) {
      await mails.insert(1, `lost${n}-`);
      await mails.until('unknowns > 0', n);
    }
    await waitFor(() => channel.provider() === channel.providers[1], { what: 'the circuit to open' });
    await mails.insert(10);
    await mails.until(`state = 'accepted'`, 10);
    expect(takenBySink()).toHaveLength(10);
    await resend.forgetRules();
    await mails.dataSource.query(`update deliveries set due_at = now() where unknowns > 0`);
    await mails.until(`state = 'accepted'`, 13);
    // Mails that it takes show that it works, before anybody looks.
    expect(channel.provider()).toBe(channel.providers[0]);
  }, 60_000);
});

it('with one provider alone nothing changes: mails wait for it by the retry schedule', async () => {
  await sink.refuseConnections();
  await mails.insert(3);
  const channel = start(sink.url);
  await mails.until(`state = 'retrying' and reason = 'unreachable' and tries > 0`, 3);
  expect(channel.problem).toBeNull();
  await sink.acceptConnections();
  await mails.dataSource.query('update deliveries set due_at = now()');
  await mails.until(`state = 'accepted'`, 3);
}, 60_000);
