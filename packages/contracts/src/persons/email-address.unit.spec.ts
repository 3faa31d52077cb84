import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emailAddress, typedEmailAddress } from './email-address.js';

const accepts = (address: unknown) => emailAddress.safeParse(address).success;

describe('emailAddress', () => {
  it.each([
    'jana@example.com',
    'a@b.co',
    'jan.kowalski+support@mail.example.co.uk',
    "o'brien@example.ie",
    'x_y-z#1$2&3*4/5=6?7^8{9}~0@example.com',
    'jana@xn--mnchen-3ya.example',
    'jana@example.xn--p1ai',
    'JANA@EXAMPLE.COM',
    `${'a'.repeat(64)}@example.com`,
  ])('takes %s', (address) => {
    expect(accepts(address)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no domain', 'jana'],
    ['no local part', '@example.com'],
    ['a domain of one label', 'jana@localhost'],
    ['an address literal', 'jana@[127.0.0.1]'],
    ['a bare address of a host', 'jana@127.0.0.1'],
    ['two signs', 'jana@example.com@evil.test'],
    ['a list', 'jana@example.com,all@evil.test'],
    ['a comma in the local part', 'jana,all@example.com'],
    ['a semicolon in the local part', 'jana;all@example.com'],
    ['a colon in the local part', 'friends:jana@example.com'],
    ['a list with semicolons', 'jana@example.com;all@evil.test'],
    ['a list with spaces', 'jana@example.com all@evil.test'],
    ['a group', 'friends:jana@example.com,all@evil.test;'],
    ['a display name', 'Jana <jana@example.com>'],
    ['brackets', '<jana@example.com>'],
    ['a comment', 'jana(evil)@example.com'],
    ['a quoted local part', '"jana"@example.com'],
    ['a quoted list', '"jana@evil.test,x"@example.com'],
    ['an escaped character', 'ja\\na@example.com'],
    ['a route of the old days', 'evil.test!jana@example.com'],
    ['a percent hack', 'jana%evil.test@example.com'],
    ['a pipe', '|rm@example.com'],
    ['a backtick', '`id`@example.com'],
    ['a leading dot', '.jana@example.com'],
    ['two dots', 'ja..na@example.com'],
    ['a dot before the sign', 'jana.@example.com'],
    ['a dot at the end', 'jana@example.com.'],
    ['a dash at the edge of a label', 'jana@-example.com'],
    ['a last label with digits', 'jana@example.c0m'],
    ['a line feed', 'jana@example.com\nBcc: all@evil.test'],
    ['a line feed at the end', 'jana@example.com\n'],
    ['a carriage return', 'jana@example.com\rBcc: all@evil.test'],
    ['a NUL', 'jana@example.com\u0000'],
    ['a tab', 'jana\t@example.com'],
    ['spaces around it', ' jana@example.com '],
    ['a no-break space', 'jana@example.com\u00a0'],
    ['a line separator', 'jana@example.com\u2028'],
    ['an invisible character', 'ja\u200bna@example.com'],
    ['a right-to-left override', 'jana@\u202eexample.com'],
    ['a Unicode domain', 'jana@münchen.example'],
    ['a Unicode local part', 'żaneta@example.com'],
    ['a Cyrillic look-alike', 'jana@exаmple.com'],
    ['a full-width sign', 'jana＠example.com'],
    ['an ideographic full stop', 'jana@example。com'],
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['a label of 64', `jana@${'a'.repeat(64)}.com`],
    ['255 characters', `jana@${'a.'.repeat(123)}comm`],
    ['a number', 7],
    ['null', null],
    ['a list of one', ['jana@example.com']],
    ['an object', { address: 'jana@example.com' }],
  ])('S13 refuses %s', (_, address) => {
    expect(accepts(address)).toBe(false);
  });

  it('S13 whatever Unicode is put anywhere, what is accepted is one address and nothing else', () => {
    const hostile = fc.oneof(
      fc.constant(''),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        '\r\n',
        ',',
        ';',
        ':',
        '<',
        '>',
        '"',
        '(',
        ')',
        '@',
        '\u0000',
        ' ',
        '\\',
        '[',
        ']',
        '%',
        '!',
        '.',
        '\u2028',
      ),
    );
    const address = fc.tuple(
      hostile,
      fc.constantFrom('jana', ''),
      hostile,
      fc.constantFrom('@', ''),
      hostile,
      fc.constantFrom('example.com', ''),
      hostile,
    );
    fc.assert(
      fc.property(address, (parts) => {
        const text = parts.join('');
        if (!accepts(text)) return;
        expect(text).toMatch(/^[^\s@,;:<>"()[\]\\\p{Cc}]+@[A-Za-z0-9.-]+$/u);
        expect(text).toMatch(/^\p{ASCII}+$/u);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes every plain address', () => {
    const atom = fc.stringMatching(/^[A-Za-z0-9_+-]{1,10}$/);
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const plain = fc.tuple(
      fc.array(atom, { minLength: 1, maxLength: 4 }),
      fc.array(label, { minLength: 1, maxLength: 4 }),
      fc.stringMatching(/^[a-z]{2,6}$/),
    );
    fc.assert(
      fc.property(plain, ([local, domain, last]) => accepts(`${local.join('.')}@${[...domain, last].join('.')}`)),
    );
  });

  it('answers at once also about what takes long to refuse', () => {
    const before = performance.now();
    for (const text of [`${'a.'.repeat(60_000)}@`, `a@${'a-'.repeat(60_000)}`, `a@${'a.'.repeat(60_000)}`])
      expect(accepts(text)).toBe(false);
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe('typedEmailAddress', () => {
  it.each([
    ['  jana@example.com\t', 'jana@example.com'],
    ['\u202ajana@example.com\u202c', 'jana@example.com'],
    ['ja\u200bna@exam\u00adple.com\ufeff ', 'jana@example.com'],
    ['\u2068jana@münchen.example\u2069', 'jana@xn--mnchen-3ya.example'],
    ['jana@münchen.example', 'jana@xn--mnchen-3ya.example'],
    ['jana@MÜNCHEN.example', 'jana@xn--mnchen-3ya.example'],
    ['jana@例子.测试', 'jana@xn--fsqu00a.xn--0zwm56d'],
  ])('makes %j an address in ASCII', (typed, address) => {
    expect(typedEmailAddress.parse(typed)).toBe(address);
  });

  it.each([
    'jana@münchen.example,all@evil.test',
    'jana@münchen',
    'jana@münchen.example/path',
    'jana@example.com?subject=x',
    'jana@example.com:25',
    'jana@example.com#x',
    'jana@exa\tmple.com',
    'jana@%65xample.com',
    'jana@münchen.example\nBcc: x@y.zz',
    'jana@１２７.０.０.１',
    'ż@example.com',
    'jana',
    7,
  ])('S13 refuses %j', (typed) => {
    expect(typedEmailAddress.safeParse(typed).success).toBe(false);
  });
});
