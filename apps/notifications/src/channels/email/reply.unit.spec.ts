import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseReply, redact, summarise } from './reply.js';

describe('an SMTP reply', () => {
  it.each([
    ['250 ok', { code: 250, text: 'ok' }],
    ['250', { code: 250, text: '' }],
    ['550 5.1.1 User unknown', { code: 550, status: '5.1.1', text: 'User unknown' }],
    [
      '550-5.7.26 not\n550-5.7.26 authenticated\r\n550 5.7.26 see link',
      { code: 550, status: '5.7.26', text: 'not authenticated see link' },
    ],
    ['550 no mailbox here (#5.1.1)', { code: 550, status: '5.1.1', text: 'no mailbox here (#5.1.1)' }],
    ['550 #5.1.0 Address rejected', { code: 550, status: '5.1.0', text: 'Address rejected' }],
    ['550-first\n550 5.1.1 then', { code: 550, status: '5.1.1', text: 'first then' }],
    // Another one stays in sight: it may say otherwise.
    ['550-5.1.1 gone\n550 4.2.1 not now', { code: 550, status: '5.1.1', text: 'gone 4.2.1 not now' }],
    ['550 5.1.1.2 is listed', { code: 550, text: '5.1.1.2 is listed' }],
    ['550 192.0.2.1 is listed', { code: 550, text: '192.0.2.1 is listed' }],
  ])('%j is read', (raw, reply) => {
    expect(parseReply(raw)).toEqual(reply);
  });

  it.each([undefined, '', 'hello', '55', '5500 x', '999 x'])('%j is none', (raw) => {
    expect(parseReply(raw)).toBeUndefined();
  });
});

describe('what is stored of a reply', () => {
  const recipient = 'jana.k@example.com';

  it('begins with a stable code, then code, status and text', () => {
    expect(summarise('x_refused', parseReply('550 5.1.1 User unknown'), recipient)).toBe(
      'x_refused: 550 5.1.1 User unknown',
    );
    expect(summarise('x_refused', undefined, recipient)).toBe('x_refused');
  });

  it.each([
    '<jana.k@example.com>: Recipient address rejected',
    'Recipient <JANA.K@EXAMPLE.COM> unknown',
    'user jana.k does not exist',
    "mailbox 'Jana.K' unavailable",
    'see https://example.com/?to=jana.k%40example.com',
    'rfc822;jana.k@example.com, sorry',
    'no jana.k+tag@example.com and other.person@elsewhere.example here',
  ])('holds no address: %s', (text) => {
    const redacted = redact(text, recipient);
    expect(redacted).toContain('<address>');
    expect(redacted.toLowerCase()).not.toMatch(/jana|other\.person|@|%40/);
  });

  it('leaves words alone that merely contain the name', () => {
    expect(redact('user unknown', 'us@example.com')).toBe('user unknown');
  });

  it('is one short line', () => {
    expect(redact(`a\u0000b\r\nc\u001b[31m ${'x'.repeat(1000)}`, recipient)).toMatch(/^a b c \[31m x{100,}$/);
    expect(redact('x'.repeat(1000), recipient)).toHaveLength(200);
  });

  it('never holds the recipient, whatever the server says and whoever it is', () => {
    const local = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{3,12}$/);
    fc.assert(
      fc.property(fc.string(), local, fc.string(), (before, name, after) => {
        const redacted = redact(`${before} <${name}@example.com> ${after}`, `${name}@example.com`);
        expect(redacted).not.toContain(`${name}@`);
      }),
    );
  });
});
