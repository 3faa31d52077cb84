import { describe, expect, it } from '@jest/globals';
import { claimsOf, timeOf } from './claims.js';
import { type Message, onlyValue, readMessage } from './message.js';

const ID = '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11';
/** Of somebody else. */
const OTHER = '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c12';
const read = (text: string) => readMessage(Buffer.from(text));
const HEADER = `From: Support <support@example.com>\nTo: jana@example.org\nSubject: Ticket 7K4M2Q`;
const claims = (text: string) => claimsOf(read(text) as Message, 'Example.com');

describe('a mail', () => {
  it.each([
    ['as it was sent', `${HEADER}\n\nHello\n`.replaceAll('\n', '\r\n')],
    ['with other line breaks', `${HEADER}\n\nHello\n`],
    ['with a byte order mark', `\ufeff${HEADER}\n\nHello\n`],
    ['behind empty lines', `\n\n${HEADER}\n\nHello\n`],
    ['from a mailbox file', `From jana@example.org Mon Nov 30 10:00:00 2026\n${HEADER}\n\nHello\n`],
  ])('is read %s', (_, text) => {
    expect(read(text)).toMatchObject({
      body: 'Hello\r\n',
      fields: [{ name: 'from' }, { name: 'to' }, { name: 'subject' }],
    });
  });

  it('has no body where only its header was sent', () => {
    for (const end of ['', '\n', '\n\n']) expect(read(HEADER + end)).toMatchObject({ body: null });
  });

  it.each([
    ['nothing', ''],
    ['a sentence', 'Is this mail from you?'],
    ['a picture', '\u0089PNG\r\n\u001a\n'],
    ['a line that continues nothing', ` a\n${HEADER}`],
    ['too many fields', 'A: b\n'.repeat(201)],
    ['a header of a megabyte', `A: ${'b'.repeat(1_000_000)}`],
  ])('is not %s', (_, text) => {
    expect(read(text)).toBeNull();
  });

  it('has a field that may be there once, however it is folded and spelt', () => {
    const message = read('SUBJECT :a\r\n  b\nTo: x\nto: y') as Message;
    expect(onlyValue(message, 'subject')).toBe('a  b');
    expect(onlyValue(message, 'to')).toBeNull();
    expect(onlyValue(message, 'from')).toBeNull();
  });
});

describe('what a mail says about itself', () => {
  it.each([
    ['our Message-ID', `Message-ID: <${ID}@example.com>`, ID],
    ['our Message-ID of a copy', `Message-ID: <${ID}.2@example.com>`, ID],
    ['our Message-ID, in other letters', `Message-ID: <${ID}@EXAMPLE.com>`, ID],
    ['our header, if a provider put its own Message-ID', `Message-ID: <x@amazonses.com>\nX-Delivery-ID: ${ID}`, ID],
    ['our header, if that Message-ID is a UUID, too', `Message-ID: <${OTHER}@mtasv.net>\nX-Delivery-ID: ${ID}`, ID],
    ['our header, if both could be ours', `Message-ID: <${OTHER}@example.com>\nX-Delivery-ID: ${ID}`, ID],
    ['nothing, if only a provider gives it a UUID', `Message-ID: <${OTHER}@mtasv.net>`, null],
    ['nothing', 'Message-ID: <x@amazonses.com>', null],
    ['two of them', `X-Delivery-ID: ${ID}\nX-Delivery-Id: ${ID}`, null],
    ['no id', `Message-ID: <${ID}@example.com\u0000>`, null],
  ])('names the delivery by %s', (_, lines, deliveryId) => {
    expect(claims(`${HEADER}\n${lines}`)).toMatchObject({
      from: 'support@example.com',
      to: 'jana@example.org',
      subject: 'Ticket 7K4M2Q',
      deliveryId,
    });
  });

  it.each([
    ['x-delivery-id, message-id', `Message-ID: <${ID}@example.com>\nX-Delivery-ID: ${ID.toUpperCase()}`],
    ['x-delivery-id', `Message-ID: <${OTHER}@example.com>\nX-Delivery-ID: ${ID}`],
    ['message-id', `Message-ID: <${ID}@example.com>`],
    ['', `Message-ID: <${ID}@mtasv.net>`],
  ])('names it in the fields: %s', (fields, lines) => {
    expect(claims(`${HEADER}\n${lines}`)?.idFields.join(', ')).toBe(fields);
  });

  it('is read from encoded words', () => {
    expect(claims(HEADER.replace('Ticket', '=?UTF-8?Q?Zg=C5=82oszenie?='))?.subject).toBe('Zgłoszenie 7K4M2Q');
  });

  it.each([
    ['two recipients', HEADER.replace('jana@', 'eve@example.org, jana@')],
    ['no recipient', HEADER.replace('jana@example.org', 'undisclosed-recipients:;')],
    ['no sender', HEADER.replace('From', 'Reply-To')],
    ['two senders', `From: support@example.com\n${HEADER}`],
    ['two subjects', `${HEADER}\nSubject: You have won`],
    ['a subject longer than a line may be', HEADER.replace('Ticket', 'x'.repeat(1_000))],
  ])('is nothing with %s', (_, text) => {
    expect(claims(text)).toBeNull();
  });

  it('has an address, not what is shown in front of it', () => {
    const shown = HEADER.replace('Support <support@example.com>', '"support@example.com" <eve@evil.example>');
    expect(claims(shown)?.from).toBe('eve@evil.example');
  });

  it('has a time in an id of ours', () => {
    expect(timeOf(ID)).toBe(Date.parse('2025-10-17T19:24:30.622Z'));
    expect(timeOf('0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11')).toBeNull();
  });
});
