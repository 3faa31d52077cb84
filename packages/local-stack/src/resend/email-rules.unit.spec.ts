import { describe, expect, it } from '@jest/globals';
import { addressOf, readBatch, readEmail } from './email-rules.js';

const EMAIL = { from: 'hop@example.com', to: 'ada@example.com', subject: 'Hello', text: 'Hi' };

describe('the rules for an email', () => {
  it('find the address in a mailbox, and none in what is not one', () => {
    expect(addressOf('Ada Lovelace <ada+1@mail.example.com>')).toBe('ada+1@mail.example.com');
    expect(addressOf(' ada@example.com ')).toBe('ada@example.com');
    const wrong = [
      '',
      'ada',
      'ada@',
      '@example.com',
      'ada@localhost',
      'a b@example.com',
      'ada@example.com>',
      'ä@example.com',
    ];
    const wronger = [
      'A <ada@example.com> B',
      'A <<ada@example.com>>',
      'A\r\nB <ada@example.com>',
      `${'a'.repeat(250)}@example.com`,
    ];
    for (const mailbox of [...wrong, ...wronger]) expect([mailbox, addressOf(mailbox)]).toEqual([mailbox, undefined]);
  });

  it('allow 50 recipients, and not 51', () => {
    expect(readEmail({ ...EMAIL, to: Array(50).fill(EMAIL.to) }).to).toHaveLength(50);
    expect(() => readEmail({ ...EMAIL, to: Array(51).fill(EMAIL.to) })).toThrow('50');
    expect(() => readEmail({ ...EMAIL, cc: 'nobody' })).toThrow('`cc`');
  });

  it('allow a batch of 100, and not of 101 or none', () => {
    expect(readBatch(Array(100).fill(EMAIL))).toHaveLength(100);
    for (const batch of [Array(101).fill(EMAIL), [], EMAIL, null]) expect(() => readBatch(batch)).toThrow();
  });

  it('allow tags of up to 256 letters, numbers, underscores and dashes', () => {
    const tagged = (name: unknown, value: unknown) => readEmail({ ...EMAIL, tags: [{ name, value }] }).tags;
    expect(tagged('a_B-1', 'x'.repeat(256))).toEqual({ 'a_B-1': 'x'.repeat(256) });
    for (const wrong of ['', 'x'.repeat(257), 'a b', 'a.b', 'ż', 1, undefined]) {
      expect(() => tagged('a', wrong)).toThrow('tag');
      expect(() => tagged(wrong, 'a')).toThrow('tag');
    }
  });

  it('allow html without text and text without html, and nothing else instead of an email', () => {
    expect(readEmail({ ...EMAIL, text: undefined, html: '<p>Hi</p>' })).toMatchObject({
      text: null,
      html: '<p>Hi</p>',
    });
    expect(readEmail(EMAIL)).toMatchObject({ text: 'Hi', html: null, cc: null, headers: {}, tags: {} });
    for (const wrong of [null, [], 'mail', { ...EMAIL, text: 1 }, { ...EMAIL, headers: { a: 1 } }])
      expect(() => readEmail(wrong)).toThrow();
  });
});
