import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSender } from '../address.js';
import type { AlertMail } from '../alert-mail.js';
import { EmailError } from '../email.errors.js';
import { freezeResendMail, isFrozenResendMail, recipientOf, requestBody } from './mail.js';

const mail: AlertMail = {
  sender: parseSender({ from: 'Example Support <support@example.com>', bounce: 'bounces@example.com' }),
  recipient: 'jana@example.org',
  subject: 'Aktualizacja zgłoszenia 7K4M2Q',
  html: '<p>Zażółć "gęślą" jaźń</p>\n',
  text: 'Zażółć "gęślą" jaźń\n',
  deliveryId: '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
  generation: 0,
  copy: 0,
  ticket: { system: 'crm', id: 'T-1' },
  locale: 'pl',
  date: new Date('2026-11-22T10:15:30Z'),
};
const read = (bytes: Buffer) => JSON.parse(bytes.toString()) as Record<string, unknown>;
const fromOf = (name: string) =>
  read(freezeResendMail({ ...mail, sender: { ...mail.sender, from: { name, address: 'support@example.com' } } })).from;

describe('the frozen request of a mail to Resend', () => {
  it('is this JSON, and nothing else', () => {
    expect(read(freezeResendMail(mail))).toEqual({
      from: 'Example Support <support@example.com>',
      to: ['jana@example.org'],
      subject: 'Aktualizacja zgłoszenia 7K4M2Q',
      html: '<p>Zażółć "gęślą" jaźń</p>\n',
      text: 'Zażółć "gęślą" jaźń\n',
      headers: {
        References: '<ticket.08bc969185103c8afe00588f0c7d4d45@example.com>',
        'In-Reply-To': '<ticket.08bc969185103c8afe00588f0c7d4d45@example.com>',
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'OOF, AutoReply',
        'Content-Language': 'pl',
        'X-Delivery-ID': '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
      },
      tags: [
        { name: 'delivery', value: '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11' },
        { name: 'generation', value: '0' },
      ],
    });
  });

  it('carries the link that mutes the ticket', () => {
    const { headers } = read(freezeResendMail({ ...mail, unsubscribeUrl: 'https://help.example.com/u/t0ken' }));
    expect(headers).toMatchObject({
      'List-Unsubscribe': '<https://help.example.com/u/t0ken>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it('is the same bytes whenever it is made', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (html, text) => {
        const one = freezeResendMail({ ...mail, html, text });
        expect(one.equals(freezeResendMail({ ...structuredClone(mail), html, text, date: new Date(0) }))).toBe(true);
        expect(isFrozenResendMail(one)).toBe(true);
        expect(recipientOf(one)).toBe('jana@example.org');
      }),
    );
  });

  it.each([
    ['', 'support@example.com'],
    ['Example', 'Example <support@example.com>'],
    ["O'Neil & Søn", "O'Neil & Søn <support@example.com>"],
    ['Support, Example', '"Support, Example" <support@example.com>'],
    ['Example (Support)', '"Example (Support)" <support@example.com>'],
    ['a <eve@example.org>', '"a <eve@example.org>" <support@example.com>'],
    ['a "b" \\', '"a \\"b\\" \\\\" <support@example.com>'],
  ])('names the sender %j as %j', (name, from) => {
    expect(fromOf(name)).toBe(from);
  });

  it.each<[string, Partial<AlertMail>, string]>([
    ['a line break in the subject', { subject: 'Hi\r\nBcc: eve@example.com' }, 'invalid_header'],
    ['NUL in the subject', { subject: 'Hi\u0000' }, 'invalid_header'],
    ['two recipients', { recipient: 'jana@example.org, eve@example.org' }, 'invalid_address'],
    ['a recipient with a line break', { recipient: 'jana@example.org\nBcc: eve@example.org' }, 'invalid_address'],
    ['a delivery id that is no tag', { deliveryId: 'd1 d2' }, 'invalid_header'],
    ['a language that is no tag', { locale: 'en\r\nX: y' }, 'invalid_header'],
    ['an unsubscribe link with a line break', { unsubscribeUrl: 'https://x.io/\r\nX: y' }, 'invalid_header'],
  ])('S13 is never made of %s', (_, change, code) => {
    const error = (() => {
      try {
        return freezeResendMail({ ...mail, ...change });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(EmailError);
    expect(error).toMatchObject({ code });
  });
});

describe('the body of a request', () => {
  it('is the frozen mail itself when it is alone', () => {
    const frozen = freezeResendMail(mail);
    expect(requestBody([frozen]).equals(frozen)).toBe(true);
  });

  it('is the frozen mails between brackets, byte for byte and in order, when there are more', () => {
    const pieces = ['{"a":1}', '{ "b" : 2 }', '{"c":"ż"}'];
    expect(requestBody(pieces.map((piece) => Buffer.from(piece))).toString()).toBe(`[${pieces.join(',')}]`);
  });

  it.each(['', '[]', 'null', '\u0001\u0000'])('%j is no frozen mail', (text) => {
    expect(isFrozenResendMail(Buffer.from(text))).toBe(false);
    expect(recipientOf(Buffer.from(text))).toBe('');
  });
});
