import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAddress, parseSender } from './address.js';
import { EmailError } from './email.errors.js';

const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return error instanceof EmailError ? error.code : error;
  }
};

describe('an address', () => {
  it.each([
    'jana@example.com',
    "o'neil+tag@mail.example.com",
    'a@localhost',
    'x_{1}%y@xn--bcher-kva.example',
    'A@EXAMPLE.com',
  ])('%s is taken as it is', (address) => {
    expect(parseAddress(address)).toBe(address);
  });

  it('of an international host is taken in its ASCII form', () => {
    expect(parseAddress('jana@bücher.example')).toBe('jana@xn--bcher-kva.example');
  });

  it.each([
    '',
    'jana',
    '@example.com',
    'jana@',
    'a b@example.com',
    'jana@example.com\r\nBcc: eve@example.com',
    'jana@example.com\n',
    '\u0000jana@example.com',
    'jana@example.com,eve@example.com',
    'jana@example.com;eve@example.com',
    'jana@example.com eve@example.com',
    '<jana@example.com>',
    'Jana <jana@example.com>',
    'friends:jana@example.com,eve@example.com;',
    'jana(comment)@example.com',
    '"jana"@example.com',
    '"eve@example.com, jana"@example.com',
    'jana@evil.example@example.com',
    'jana@[127.0.0.1]',
    'jana@example..com',
    'jana@-example.com',
    'jana.@example.com',
    'jäna@example.com',
    // One letter in a look-alike form: the mapping would turn it into another host.
    'jana@ｅxample.com',
    'jana@exa\u00admple.com',
    'jana@example\u3002com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.com`,
  ])('%j is refused', (address) => {
    expect(codeOf(() => parseAddress(address))).toBe('invalid_address');
  });

  it('that is refused is not repeated in the error', () => {
    expect(() => parseAddress('jana secret@example.com')).toThrow(
      expect.not.stringContaining('secret') as unknown as string,
    );
  });

  it('S13 is one address and nothing else, whatever was put in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (head, tail) => {
        for (const text of [`${head}jana@example.com${tail}`, `jana${head}@${tail}example.com`]) {
          try {
            expect(parseAddress(text)).toMatch(/^[^\s@<>,;:"()[\]\\]+@[A-Za-z0-9.-]+$/);
          } catch (error) {
            if (!(error instanceof EmailError)) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('EMAIL_FROM and EMAIL_BOUNCE', () => {
  it.each([
    ['support@example.com', { name: '', address: 'support@example.com' }],
    ['<support@example.com>', { name: '', address: 'support@example.com' }],
    [' Example Support <support@example.com> ', { name: 'Example Support', address: 'support@example.com' }],
    ['"Support, Example" <support@example.com>', { name: 'Support, Example', address: 'support@example.com' }],
    ['Wsparcie Łódź <support@example.com>', { name: 'Wsparcie Łódź', address: 'support@example.com' }],
  ])('%j is understood', (from, mailbox) => {
    expect(parseSender({ from })).toEqual({ from: mailbox, bounce: 'support@example.com', host: 'example.com' });
  });

  it('send bounces to EMAIL_BOUNCE when there is one', () => {
    const settings = { from: 'Example <support@example.com>', bounce: 'bounces@mail.example.com' };
    expect(parseSender(settings)).toMatchObject({ bounce: 'bounces@mail.example.com', host: 'example.com' });
  });

  it.each([
    '',
    'support',
    'a@example.com, b@example.com',
    'Example <a@example.com> <b@example.com>',
    'Ex\nample <a@example.com>',
  ])('refuse %j at start, with an example of what is right', (from) => {
    expect(codeOf(() => parseSender({ from }))).toBe('invalid_email_from');
    expect(() => parseSender({ from })).toThrow('EMAIL_FROM="Example Support <support@example.com>"');
  });

  it('refuse a bounce address that is none', () => {
    const bad = () => parseSender({ from: 'support@example.com', bounce: 'Bounces <b@example.com>' });
    expect(codeOf(bad)).toBe('invalid_email_bounce');
    expect(bad).toThrow('EMAIL_BOUNCE');
  });
});
