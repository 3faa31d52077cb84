import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventId, timestamp } from './events/envelope.js';
import { ticket, ticketNumber, ticketUrl } from './events/ticket.js';
import { cursor } from './http/lists.js';
import { writtenLine, writtenText } from './http/text.js';
import { identifier } from './persons/persons.js';
import { systemName } from './persons/system.js';

const ok = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('what goes into subjects, keys, headers and links', () => {
  it('holds no space, no control character and nothing that is not ASCII', () => {
    const shapes = { systemName, identifier, ticketNumber, eventId, ticketUrl, cursor };
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.constantFrom('', 'a', 'pl', 'https://example.com/', 'Europe/Warsaw'),
        (text, before) => {
          for (const shape of Object.values(shapes)) {
            for (const value of [before + text, text + before]) {
              if (ok(shape, value)) expect(value).toMatch(/^[\x21-\x7e]+$/);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('refuses every value of another type', () => {
    const shapes = [systemName, identifier, ticketNumber, timestamp, eventId, ticketUrl, ticket.shape.version];
    const others = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.object(),
      fc.array(fc.string()),
      fc.constant(undefined),
      fc.double({ noInteger: true }),
    );
    fc.assert(
      fc.property(others, fc.constantFrom(...shapes), (value, shape) => {
        expect(ok(shape, value)).toBe(false);
      }),
    );
  });

  it('systemName has no character that means something in a subject', () => {
    for (const name of ['', 'CRM', '1crm', '-crm', 'c.rm', 'c*', 'c>', 'c rm', 'crm\n', 'a'.repeat(33), 'ćrm'])
      expect([name, ok(systemName, name)]).toEqual([name, false]);
    for (const name of ['c', 'crm', 'crm-2', 'a'.repeat(32)])
      expect([name, ok(systemName, name)]).toEqual([name, true]);
  });

  it('ticketNumber is what people can read out', () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,23}$/), (number) => ok(ticketNumber, number)));
    for (const number of ['', '-1', '12 345', '12.345', 'a'.repeat(25), '<b>', '12\n'])
      expect([number, ok(ticketNumber, number)]).toEqual([number, false]);
  });

  it('version is a whole number that no computation has rounded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (version) => ok(ticket.shape.version, version)),
    );
    for (const version of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '7'])
      expect([version, ok(ticket.shape.version, version)]).toEqual([version, false]);
  });

  it('timestamp is an instant that JavaScript and Postgres both have', () => {
    const instant = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(instant, (date) => ok(timestamp, date.toISOString())));
    for (const time of [
      '2026-11-22T10:15:30+01:00',
      '2026-11-22T10:15:30.123456Z',
      '2024-02-29T00:00:00Z',
      '2026-11-22t10:15:30z',
      '2026-11-22T10:15:30.123456789z',
      '2026-11-22T10:15:30-00:00',
    ])
      expect([time, ok(timestamp, time)]).toEqual([time, true]);
    for (const time of [
      '0000-01-01T00:00:00Z',
      '9999-01-01T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2026-11-22',
      '2026-11-22T24:00:00Z',
      '2026-11-22T10:15:30',
      '2026-11-22 10:15:30Z',
      '2026-04-31T00:00:00Z',
      '2026-11-22T10:15:30+24:00',
      '2026-11-22T10:15:30+0100',
      '2026-11-22T10:15:30Z\n',
      '2026-11-22T10:15:61Z',
      'now',
      // Another year in UTC, which is how we store and publish it.
      '2999-12-31T23:59:59-23:59',
      '1970-01-01T00:00:00+00:01',
    ])
      expect([time, ok(timestamp, time)]).toEqual([time, false]);
    for (const time of ['2999-12-31T23:59:59Z', '2999-12-31T22:59:59-01:00', '1970-01-01T00:01:00+00:01'])
      expect([time, ok(timestamp, time)]).toEqual([time, true]);
  });
});

describe('a time as RFC 3339 allows it', () => {
  it.each([
    ['2026-11-22t10:15:30z', '2026-11-22T10:15:30Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59Z'],
    ['2016-12-31t23:59:60.5+00:00', '2016-12-31T23:59:59.5+00:00'],
  ])('%s is read as %s', (time, read) => {
    expect(timestamp.parse(time)).toBe(read);
  });
});

describe('ticketUrl', () => {
  it.each([
    ['HTTPS://crm.example.com/T/1', 'https://crm.example.com/T/1'],
    ['Http://CRM.example.com/', 'http://CRM.example.com/'],
  ])('reads %s as %s: a scheme has no case', (url, read) => {
    expect(ticketUrl.parse(url)).toBe(read);
  });

  it.each([
    'https://crm.example.com/t/7K4M2Q',
    'http://localhost:8080/t?id=1#top',
    'https://xn--mnchen-3ya.example/%C3%BC',
    'https://example.com',
  ])('takes %s', (url) => {
    expect(ok(ticketUrl, url)).toBe(true);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.com/',
    '//example.com/t',
    '/t/1',
    'https:/example.com',
    'https:example.com',
    'https://crm.example.com@evil.test/',
    'https://user:secret@example.com/',
    'https://crm.example.com\\@evil.test/',
    'https:\\\\example.com',
    'https://exa mple.com/',
    'https://example.com/a b',
    'https://example.com/\n',
    'https://example.com/"onclick=x',
    'https://example.com/<b>',
    'https://münchen.example/',
    'https://example.com:99999999/',
    'https://example.com:65536/',
    'https://-example.com/',
    'https://',
    ` https://example.com/`,
    `https://example.com/${'a'.repeat(2048)}`,
  ])('S14 refuses %j', (url) => {
    expect(ok(ticketUrl, url)).toBe(false);
  });

  it('is the same to us and to a browser: what is accepted keeps its host', () => {
    const rest = fc.string({ unit: 'binary-ascii', maxLength: 20 });
    fc.assert(
      fc.property(rest, (text) => {
        const url = `https://crm.example.com${text}`;
        if (!ok(ticketUrl, url)) return;
        expect(url.slice(0, 8) + new URL(url).hostname).toBe(
          url.match(/^https:\/\/[A-Za-z0-9.-]+/)?.[0]?.toLowerCase(),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('written text', () => {
  it('is trimmed, and keeps every language and every emoji', () => {
    expect(writtenText(100).parse('  Nie działa 😢\n\n谢谢  ')).toBe('Nie działa 😢\n\n谢谢');
  });

  it.each(['', '   \n', 'a\u0000b', '\ud800', 'x'.repeat(101), 7, null])('refuses %j', (text) => {
    expect(ok(writtenText(100), text)).toBe(false);
  });

  it.each([
    '\u200b',
    '\u2060\u200d',
    '\u00a0\ufeff',
    '\u00ad',
    '\u3164',
    '\u115f\u1160',
    '\u2800',
    '\ufe0f',
    '\u202e',
    '\u0007',
  ])('refuses %j, in which nothing can be seen', (text) => {
    const { error } = writtenText(100).safeParse(text);
    expect(error?.issues.map(({ message }) => message)).toEqual(['must not be empty']);
  });

  it.each(['.', '漢', '🦉', '👩‍👩‍👧', '\u200bx', 'शक्ति', 'مرحبا'])(
    'takes %j, in which something can be seen',
    (text) => {
      expect([ok(writtenText(100), text), ok(writtenLine(100), text)]).toEqual([true, true]);
    },
  );

  it.each([0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])(
    'S13 refuses U+%s in one line, which turns around what comes after it',
    (code) => {
      const text = `invoice${String.fromCodePoint(code)}fdp.exe`;
      expect(ok(writtenText(100), text)).toBe(true);
      expect(ok(writtenLine(100), text)).toBe(false);
    },
  );

  it.each(['a\nb', 'a\rb', 'a\tb', 'a\u2028b', 'a\u001bb'])('S13 refuses %j as one line', (text) => {
    expect(ok(writtenText(100), text)).toBe(true);
    expect(ok(writtenLine(100), text)).toBe(false);
  });
});
