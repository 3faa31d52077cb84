import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth({ MAILS_PER_NETWORK: '1000' });
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

describe('S27 what is no link', () => {
  const real = 'aB3'.padEnd(43, 'xY-_');
  const noLinks: [string, unknown][] = [
    ['an empty text', ''],
    ['a list', []],
    ['an object', {}],
    ['nothing', null],
    ['a number', 0],
    ['true', true],
    ['3 kB', 'a'.repeat(3_000)],
    ['a list of one link', [real]],
    ['an operator', { $ne: null }],
    ['SQL', `' or true --`.padEnd(43, '-')],
    ['a NUL', `${'a'.repeat(42)}\u0000`],
    ['padding', `${'a'.repeat(43)}=`],
    ['letters of another alphabet', 'а'.repeat(43)],
  ];

  it.each(noLinks)('S27 (%s) is as unknown as any other', async (_what, link) => {
    const unknown = await app.browser().open(randomBytes(32).toString('base64url'));
    const answer = await app.browser().open(link);
    expect([answer.status, answer.body]).toEqual([404, unknown.body]);
  });

  it('S38 is not even read if it has more than 4 KiB', async () => {
    const answer = await app.browser().open('a'.repeat(4 * 1024));
    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large', maxBytes: 4_096 } });
  });

  it('S27 a real one in another case, cut short, or with something added is none', async () => {
    const { link } = await app.ticket();
    const flipped = [...link]
      .map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()))
      .join('');
    for (const other of [
      flipped,
      link.slice(0, -1),
      `${link}A`,
      ` ${link}`,
      `${link}\n`,
      encodeURIComponent(` ${link}`),
    ]) {
      expect([other, (await app.browser().open(other)).status]).toEqual([other, 404]);
    }
    expect((await app.browser().open(link)).status).toBe(202);
  });

  it('S27 takes as long as one that has the right shape: it is looked up like that', async () => {
    let answered = 0;
    const open = async (link: unknown) => {
      const { status } = await app.browser().open(link);
      answered += 1;
      return status;
    };
    const statuses = await app.holding(
      { sql: 'lock table links in access exclusive mode', waiting: 3 },
      () => [randomBytes(32).toString('base64url'), [], 'short'].map(open),
      () => expect(answered).toBe(0),
    );
    expect(statuses).toEqual([404, 404, 404]);
  });

  it('is told from no link at all, which is a mistake of a program', async () => {
    const answer = await app.browser().send('POST', '/guest/challenges', {});
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path: 'link' }] } });
  });
});

describe('public routes', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      '',
      null,
      [],
      {},
      'constructor',
      '__proto__',
      '\u0000',
      '\ud800',
      'a@example.com',
      '123456',
      'ABC123',
    ),
  );
  const body = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ link: value, code: value, number: value, email: value }, { requiredKeys: [] }),
    },
    { weight: 1, arbitrary: value },
  );
  const path = fc.constantFrom(
    '/guest/challenges',
    `/guest/challenges/${randomUUID()}/verification`,
    '/guest/challenges/x/verification',
    '/guest/links',
    '/ops/guest-links/revocations',
  );
  const cookie = fc.constantFrom(
    '',
    'a=b',
    '__Host-bellhop-guest=',
    '__Host-bellhop-browser=%00',
    `__Host-bellhop-guest=${'x'.repeat(43)}`,
  );
  const raw = fc.oneof(
    { weight: 9, arbitrary: body.map((one) => JSON.stringify(one) ?? '') },
    { weight: 1, arbitrary: fc.string() },
  );

  it('take whatever is sent, 2,000 times, without an error of ours, a leak or a hang', async () => {
    const { link, ticketId, email } = await app.ticket();
    const seen = new Map<number, number>();
    const one = async (to: string, text: string, cookies: string, key: string) => {
      const answer = await app.browser().send('POST', to, text, {
        headers: { cookie: cookies, ...(/^[\x21-\x7e]{1,200}$/.test(key) && { 'idempotency-key': key }) },
      });
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      const shown = JSON.stringify(answer.body);
      expect({ to, text, isFault: answer.status >= 500 }).toEqual({ to, text, isFault: false });
      for (const secret of [link, ticketId, email, 'select ', 'stack', 'node_modules'])
        expect(shown).not.toContain(secret);
      expect(answer.ms).toBeLessThan(10_000);
    };
    const batch = fc.array(fc.tuple(path, raw, cookie, fc.string()), { minLength: 50, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(batch, async (requests) => {
        await Promise.all(requests.map((request) => one(...request)));
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([400, 401, 404, 410, 422]));
  });
});
