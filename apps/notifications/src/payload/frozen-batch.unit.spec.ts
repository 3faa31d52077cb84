import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBatch, encodeBatch } from './frozen-batch.js';
import { PayloadError } from './payload.errors.js';

const batch = { format: 'resend' as const, items: [{ deliveryId: 'd1', bytes: Buffer.from('{}') }] };

describe('a frozen batch', () => {
  it('comes back byte for byte, in its order', () => {
    const item = fc.record({
      deliveryId: fc.uuid(),
      bytes: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 100 }),
        fc.constantFrom('smtp' as const, 'resend' as const),
        (items, format) => {
          expect(decodeBatch(encodeBatch({ format, items }))).toEqual({ format, items });
        },
      ),
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another version', Buffer.concat([Buffer.of(9), encodeBatch(batch).subarray(1)])],
    ['a part', encodeBatch(batch).subarray(0, -1)],
    ['more', Buffer.concat([encodeBatch(batch), Buffer.of(0)])],
    ['no JSON', Buffer.from([1, 0, 0, 0, 1, 0x7b])],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(() => decodeBatch(bytes)).toThrow(PayloadError);
  });
});
