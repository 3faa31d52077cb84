import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeFrozenMail, encodeFrozenMail } from './frozen-mail.js';

describe('a frozen mail', () => {
  it('comes back byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.uint8Array({ minLength: 1 }), (from, to, bytes) => {
        const mail = { envelope: { from, to }, raw: Buffer.from(bytes) };
        expect(decodeFrozenMail(encodeFrozenMail(mail))).toEqual(mail);
      }),
    );
  });

  const whole = encodeFrozenMail({ envelope: { from: 'a@example.com', to: 'b@example.com' }, raw: Buffer.from('x') });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another version', Buffer.concat([Buffer.of(2), whole.subarray(1)])],
    ['a cut one', whole.subarray(0, 20)],
    ['one without a message', whole.subarray(0, -1)],
    ['a length beyond the end', Buffer.concat([Buffer.of(1, 255, 255, 255, 255), whole.subarray(5)])],
    ['an envelope without a recipient', encodeFrozenMail({ envelope: { from: 'a' } as never, raw: Buffer.from('x') })],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => decodeFrozenMail(bytes)).toThrow(
      expect.objectContaining({ code: 'invalid_frozen_mail' }) as unknown as Error,
    );
  });
});
