import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HelpDesk } from './help-desk.js';

const CASES = 10_000;
const AT_ONCE = 25;
/** A request that takes longer counts as hanging. */
const LONGEST_MS = 15_000;
/** Internals, which no answer may contain. */
const INSIDE =
  /\bat .+\.(js|ts):\d+|node_modules|select |insert into|TypeError|QueryFailed|violates|syntax error|ECONN/i;
const UUID = '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11';

let desk: HelpDesk;
beforeAll(async () => {
  desk = await HelpDesk.start();
});
afterAll(() => desk?.stop());

interface Case {
  readonly target: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

const nasty = fc.constantFrom(
  '',
  '\u0000',
  '../../etc/passwd',
  '__proto__',
  "' or 1=1 --",
  '<script>alert(1)</script>',
  'a@b.example\r\nbcc: c@d.example',
  'a@b.example, c@d.example',
  '\ud800',
  'ﬀ\u202e',
  'x'.repeat(10_000),
  UUID,
  UUID.toUpperCase(),
  'A'.repeat(43),
  '123456',
  '-1',
  '1e999',
  '//evil.example',
  '/\\evil.example/%2e%2e',
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.double(),
  fc.constantFrom(null, true, [], {}, [[[]]], { $ne: null }, 1e308, -0),
  fc.jsonValue({ maxDepth: 3 }),
);
const fields = [
  'link',
  'code',
  'number',
  'email',
  'category',
  'subject',
  'body',
  'guest',
  'attachmentIds',
  '__proto__',
];
const object = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), value, { maxKeys: 8 });
/** Mostly valid: otherwise nothing passes the first check. */
const mostly = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: value });
const form = fc.record(
  {
    category: mostly(fc.constant('trading')),
    subject: mostly(fc.constant('Hello')),
    body: mostly(fc.constant('It is broken.')),
    guest: mostly(fc.record({ email: mostly(fc.emailAddress()), locale: mostly(fc.constant('pl')) })),
    attachmentIds: mostly(fc.constant([])),
  },
  { requiredKeys: ['category', 'subject', 'body', 'guest'] },
);
const json = fc.oneof(object, form, fc.record({ link: value }), fc.record({ code: value }), value);
/** JSON, truncated JSON, or any text. */
const body: fc.Arbitrary<Case['body']> = fc.oneof(
  { weight: 6, arbitrary: json.map((one) => JSON.stringify(one) ?? '') },
  {
    weight: 1,
    arbitrary: fc.tuple(json, fc.nat(50)).map(([one, cut]) => (JSON.stringify(one) ?? '').slice(0, -cut - 1)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)) },
  { weight: 1, arbitrary: fc.nat(4_000).map((depth) => '['.repeat(depth)) },
);
const printable = fc.string({ maxLength: 80 }).map((text) => text.replace(/[^\x20-\x7e]/g, '').trim());
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      fc.constantFrom('application/json; charset=utf-16', 'text/plain', 'multipart/form-data', 'application/xml', ''),
      printable,
    ),
    'idempotency-key': fc.oneof({ weight: 6, arbitrary: fc.uuid() }, printable, fc.constant('x'.repeat(5_000))),
    cookie: fc.oneof(
      printable,
      fc
        .tuple(fc.constantFrom('__Host-bellhop-guest', '__Host-bellhop-browser'), printable)
        .map((pair) => pair.join('=')),
    ),
    authorization: fc.oneof(
      fc.constant(''),
      printable,
      printable.map((text) => `Bearer ${text}`),
    ),
    'x-forwarded-for': fc.oneof(fc.ipV4(), fc.ipV6(), printable),
    origin: fc.oneof(
      { weight: 8, arbitrary: fc.constant('https://support.example.test') },
      { weight: 1, arbitrary: fc.oneof(fc.webUrl(), printable) },
    ),
    'accept-encoding': printable,
  },
  { requiredKeys: ['content-type', 'idempotency-key'] },
);
const target = fc.oneof(
  fc.constantFrom('guest-auth /guest/challenges', 'guest-auth /guest/links', 'guest-auth /guest/session'),
  fc
    .oneof(fc.constant(UUID), nasty.map(encodeURIComponentSafely), fc.webSegment())
    .map((id) => `guest-auth /guest/challenges/${id}/verification`),
  fc.constantFrom('tickets /tickets', 'tickets /attachments', 'notifications /webhooks/resend'),
);
const anything: fc.Arbitrary<Case> = fc.record({
  target,
  method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'PUT', 'DELETE'),
  headers,
  body,
});

/** Almost valid requests, which pass the first check. */
const filing: fc.Arbitrary<Case> = fc.record({
  target: fc.constant('tickets /tickets'),
  method: fc.constant('POST'),
  headers: fc.record({
    'content-type': fc.constant('application/json'),
    'idempotency-key': fc.uuid(),
    'x-forwarded-for': fc.ipV4(),
  }),
  body: form.map((one) => JSON.stringify(one)),
});
const cases = fc.oneof({ weight: 9, arbitrary: anything }, { weight: 1, arbitrary: filing });

describe(`${CASES.toLocaleString('en')} requests of people who try what happens`, () => {
  const statuses = new Map<string, number>();

  it('S27 are each answered in time, with a word for what is wrong, and with nothing of our inside', async () => {
    const all = fc.sample(cases, { numRuns: CASES, seed: 20_261_126 });
    const wrong: unknown[] = [];
    let slowestMs = 0;
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let n = next++; n < all.length; n = next++) {
          const one = all[n] as Case;
          const startedAt = performance.now();
          const { status, text, type } = await send(one);
          slowestMs = Math.max(slowestMs, performance.now() - startedAt);
          const key = `${one.target.split(' ')[0]} ${status}`;
          statuses.set(key, (statuses.get(key) ?? 0) + 1);
          const isProblem = status < 400 || (type === 'application/problem+json' && /"code":"[a-z_]+"/.test(text));
          if (status >= 500 || !isProblem || INSIDE.test(text)) wrong.push({ n, status, type, text, ...one });
        }
      }),
    );
    console.log(Object.fromEntries([...statuses].sort()), `slowest ${Math.round(slowestMs)} ms`);
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(slowestMs).toBeLessThan(LONGEST_MS);
    // Otherwise nothing passed the first check.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(['tickets 201', 'tickets 422', 'guest-auth 404']));
  });

  // Nothing redirects today. Where a sign-in redirects to has to be tested once there are pages.
  it('are never sent elsewhere: no answer is a redirect, whatever address stood in the request', () => {
    expect([...statuses.keys()].filter((key) => / 3\d\d$/.test(key))).toEqual([]);
  });

  it('leave every service ready, with nothing in its log that it calls an error', async () => {
    for (const { url } of Object.values(desk.apps)) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(desk.lines.filter((line) => /"level":"(error|fatal)"/.test(line)).slice(0, 3)).toEqual([]);
  });
});

async function send({ target: where, method, headers: sent, body: content }: Case) {
  const [app, path] = where.split(' ') as [keyof typeof desk.apps, string];
  const response = await fetch(desk.apps[app].url + path, {
    method,
    headers: sent,
    body: content,
    redirect: 'manual',
    signal: AbortSignal.timeout(LONGEST_MS * 2),
  });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  return { status: response.status, type, text: await response.text() };
}

/** A URL cannot contain a lone surrogate. */
function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '?')).slice(0, 500) || '%20';
}
