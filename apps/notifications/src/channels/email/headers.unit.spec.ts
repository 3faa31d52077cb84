import { describe, expect, it } from '@jest/globals';
import { parseSender } from './address.js';
import { EmailError } from './email.errors.js';
import { type AlertHeadersInput, alertHeaders, threadRoot } from './headers.js';

const input: AlertHeadersInput = {
  sender: parseSender({ from: 'Example Support <support@example.com>' }),
  recipient: 'jana@example.org',
  subject: 'Your support ticket 7K4M2Q has been updated',
  deliveryId: '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
  copy: 0,
  ticket: { system: 'crm', id: 'T-1' },
  locale: 'zh-CN',
  date: new Date('2026-11-22T10:15:30Z'),
};
const root = '<ticket.08bc969185103c8afe00588f0c7d4d45@example.com>';

describe('the headers of an alert', () => {
  it('are these, and no others', () => {
    expect(alertHeaders(input)).toEqual({
      envelope: { from: 'support@example.com', to: 'jana@example.org' },
      from: { name: 'Example Support', address: 'support@example.com' },
      to: { name: '', address: 'jana@example.org' },
      subject: 'Your support ticket 7K4M2Q has been updated',
      messageId: '<0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11@example.com>',
      references: root,
      inReplyTo: root,
      date: new Date('2026-11-22T10:15:30Z'),
      others: {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'OOF, AutoReply',
        'Content-Language': 'zh-CN',
        'X-Delivery-ID': '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
      },
    });
  });

  it.each<[string, Partial<AlertHeadersInput>, object]>([
    [
      'EMAIL_BOUNCE becomes the envelope sender, and nothing else',
      { sender: parseSender({ from: 'support@example.com', bounce: 'b@bounce.example' }) },
      {
        envelope: { from: 'b@bounce.example', to: 'jana@example.org' },
        from: { name: '', address: 'support@example.com' },
      },
    ],
    [
      'a new delivery is a new message in the same thread',
      { deliveryId: 'd2', date: new Date(0) },
      { messageId: '<d2@example.com>', references: root, inReplyTo: root, date: new Date(0) },
    ],
    [
      'one that is sent again on purpose is another message, in the same thread',
      { deliveryId: 'd1', copy: 2 },
      { messageId: '<d1.2@example.com>', references: root, inReplyTo: root },
    ],
    [
      'an https link lets one click unsubscribe (RFC 8058)',
      { unsubscribeUrl: 'https://help.example.com/api/unsubscribe/t0ken?a=1&b=2' },
      {
        others: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'OOF, AutoReply',
          'Content-Language': 'zh-CN',
          'X-Delivery-ID': '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11',
          'List-Unsubscribe': '<https://help.example.com/api/unsubscribe/t0ken?a=1&b=2>',
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      },
    ],
    [
      'a plain http link is told, but not for one click',
      { unsubscribeUrl: 'http://localhost:3000/u/t' },
      { others: expect.not.objectContaining({ 'List-Unsubscribe-Post': expect.anything() }) },
    ],
  ])('%s', (_, change, expected) => {
    expect(alertHeaders({ ...input, ...change })).toMatchObject(expected);
  });

  it.each<[string, Partial<AlertHeadersInput>, string]>([
    ['a line break in the subject', { subject: 'Hi\r\nBcc: eve@example.com' }, 'invalid_header'],
    ['a bare LF in the subject', { subject: 'Hi\nX: y' }, 'invalid_header'],
    ['NUL in the subject', { subject: 'Hi\u0000' }, 'invalid_header'],
    ['the line separator of Unicode in the subject', { subject: 'Hi\u2028X: y' }, 'invalid_header'],
    ['two recipients', { recipient: 'jana@example.org, eve@example.org' }, 'invalid_address'],
    ['a recipient with a name', { recipient: 'Jana <jana@example.org>' }, 'invalid_address'],
    ['a delivery id that would end the Message-ID', { deliveryId: 'd1@evil>' }, 'invalid_header'],
    ['a language that is no tag', { locale: 'en\r\nBcc: eve@example.com' }, 'invalid_header'],
    [
      'an unsubscribe link that would end its brackets',
      { unsubscribeUrl: 'https://a.example/>,<mailto:eve@a.example' },
      'invalid_header',
    ],
    ['an unsubscribe link of another kind', { unsubscribeUrl: 'mailto:eve@example.com' }, 'invalid_header'],
  ])('S13 refuse %s', (_, change, code) => {
    const make = () => alertHeaders({ ...input, ...change });
    expect(make).toThrow(EmailError);
    expect(make).toThrow(expect.objectContaining({ code }) as unknown as Error);
  });
});

describe('the thread root', () => {
  it('is the same for one ticket, and another for any other ticket, system or sender host', () => {
    const roots = [
      threadRoot({ system: 'crm', id: 'T-1' }, 'example.com'),
      threadRoot({ system: 'crm', id: 'T-2' }, 'example.com'),
      threadRoot({ system: 'erp', id: 'T-1' }, 'example.com'),
      threadRoot({ system: 'crm', id: 'T-1' }, 'example.org'),
      // No pair of system and id may be taken for another one.
      threadRoot({ system: 'c', id: 'rm.T-1' }, 'example.com'),
    ];
    expect(roots[0]).toBe(root);
    expect(new Set(roots).size).toBe(roots.length);
  });
});
