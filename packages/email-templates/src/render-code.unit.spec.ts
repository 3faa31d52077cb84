import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'parse5';
import { type CodeContent, locales, renderCode } from './index.js';
import { renderFreshCode } from './render-variant.js';

const content: CodeContent = {
  code: '480217',
  number: '7K4M2Q',
  site: 'https://support.example.com/',
  brand: 'Bellhop',
  expiresAt: new Date('2026-11-24T13:30:00Z'),
  validMinutes: 10,
};

/** What breaks out of something somewhere, and anything else that can be written. */
const hostile = fc.constantFrom(
  '"><img src=x onerror=alert(1)>',
  '</style>',
  '&#x27;',
  '{count, plural, other {#}}',
  '<link>',
  '$&',
  '\uE000code\uE001',
  '\r\nBcc: x@example.com',
  '\n@evil.example #000000',
  '\0',
  '\u2028',
  '\u202E',
  '\uD800',
);
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 5 })
  .map((all) => all.join(''));
const anyContent: fc.Arbitrary<CodeContent> = fc.record({
  code: fc.stringMatching(/^[0-9]{6}$/),
  number: text,
  brand: text,
  site: fc.constantFrom('https://support.example.com/', 'http://localhost:3000', 'https://münchen.example/help'),
  expiresAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
  validMinutes: fc.oneof(fc.integer({ min: -5, max: 1_500 }), fc.constant(Number.NaN)),
});

describe.each(locales)('the mail with a code, in %s', (locale) => {
  it('equals a fresh render byte for byte, whatever is filled in', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (values) => {
        expect(renderCode({ ...values, locale })).toEqual(await renderFreshCode({ ...values, locale }));
      }),
      { numRuns: 40 },
    );
  });

  it('ends with the line that binds the code to our host, whatever is filled in', () => {
    fc.assert(
      fc.property(anyContent, (values) => {
        const lines = renderCode({ ...values, locale }).text.split('\n');
        const bound = `@${new URL(values.site).hostname} #${values.code}`;
        expect(lines.slice(-2)).toEqual([bound, '']);
        expect(lines.filter((line) => /^@\S+ #\d/.test(line))).toEqual([bound]);
      }),
    );
  });

  it('shows the code once in large, and says what has to be known of it', () => {
    const { html, text, subject } = renderCode({ ...content, locale });
    expect(html).toMatch(/font-size:40px[^>]*>480217</);
    expect(html).toContain('@support.example.com #480217');
    expect(html.match(/480217/g)).toHaveLength(2);
    for (const part of [html, text, subject]) expect(part).toContain('7K4M2Q');
    for (const part of [html, text]) expect(part).toMatch(/13:30/);
    for (const part of [html, text]) expect(part).toMatch(/10\u00A0(minutes|Minuten|minut|分钟)/);
  });

  it('S25 keeps the code off a locked screen: out of the subject and of what lists show beside it', () => {
    const { html, subject } = renderCode({ ...content, locale });
    const preheader = /aria-hidden="true"[^>]*>([^<]*)/.exec(html)?.[1];
    expect(preheader).toContain('13:30');
    expect(subject + preheader).not.toContain('480217');
  });

  it('S30 loads nothing, and S32 leads nowhere', () => {
    const { html, text } = renderCode({ ...content, locale });
    expect(html).not.toMatch(/<(a|img|script|iframe|object|embed|svg|form|base)\b|\b(href|src|srcset)=|url\(|@import/i);
    expect(html.slice(html.indexOf('<html')) + text).not.toMatch(/:\/\//);
  });
});

it('S14 turns nothing that is filled in into markup', () => {
  const count = (html: string) =>
    JSON.stringify(parse(html), (key, value) => (key === 'parentNode' ? undefined : value)).match(/"tagName"/g)?.length;
  const plain = count(renderCode(content).html);
  for (const payload of ['"><img src=x onerror=alert(1)>', '</title><script>alert(1)</script>', '<!--', '</style><b>'])
    expect(count(renderCode({ ...content, number: payload, brand: payload }).html)).toBe(plain);
});

it.each(['12345', '1234567', '12 345', '１２３４５６', '<b>123', '', '123456\n', '0x1234'])(
  'S13 refuses the code %p without repeating it',
  (code) => {
    const error = (() => {
      try {
        return renderCode({ ...content, code });
      } catch (thrown) {
        return thrown;
      }
    })() as Error;
    expect(error).toMatchObject({ code: 'invalid_code', message: 'A one-time code is six digits.' });
  },
);

it('S3 fills in nothing but the closed list', () => {
  const canary = 'canary-4711';
  const stranger = { ...content, subject: canary, body: canary, name: canary, email: canary, link: canary };
  expect(JSON.stringify(renderCode(stranger))).not.toContain(canary);
});

it.each([
  ['en', 1, 'That is 1\u00A0minute after'],
  ['en', 0, 'That is 1\u00A0minute after'],
  ['pl', 2, 'To 2\u00A0minuty od'],
  ['pl', 5, 'To 5\u00A0minut od'],
  ['de', 1, 'Das ist 1\u00A0Minute nach'],
])('in %s, %p: %s', (locale, validMinutes, said) => {
  expect(renderCode({ ...content, locale, validMinutes }).text).toContain(said);
});

it('reads well as plain text', () => {
  expect(renderCode(content).text).toBe(`Bellhop

Support ticket 7K4M2Q
Your one-time code

480217

Enter it on the page where you asked for it. It works in that browser only.

Valid until: Tuesday, 24 November 2026, 13:30, UTC
That is 10\u00A0minutes after you asked for it.

Nobody will ever ask you for this code: not by email, not on the phone, not in a chat. Please do not share it.
If you did not ask for a code, you can ignore this email. Without the code, nothing happens.

Replies to this email are not read.
You are receiving this email because your email address was entered on our support page.

@support.example.com #480217
`);
});
