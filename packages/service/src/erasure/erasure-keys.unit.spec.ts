import { describe, expect, it } from '@jest/globals';
import { ErasureKeys, erasureKeysField } from './erasure-keys.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

describe('the keys of erasures', () => {
  it('S43 recognise after a rotation who was erased before it', () => {
    const before = erasureKeysField.parse(key(1)).hash('address:jana@example.com');
    const rotated = erasureKeysField.parse(`${key(2)}, ${key(1)}`);
    expect(rotated).toBeInstanceOf(ErasureKeys);
    expect(rotated.hashes('address:jana@example.com')).toContain(before);
    expect(rotated.hash('address:jana@example.com')).not.toBe(before);
    expect(rotated.hashes('address:jan@example.com')).not.toContain(before);
  });

  it.each([
    ['too short', Buffer.alloc(16, 1).toString('base64'), /must be 32 bytes in base64/],
    ['none, behind a good one', `${key(1)},`, /which key 2 is not/],
    ['named twice, as a rotation that was none', `${key(1)},${key(1)}`, /names one key twice/],
  ])('are refused when one is %s', (_, setting, complaint) => {
    const { error } = erasureKeysField.safeParse(setting);
    expect(error?.issues[0]?.message).toMatch(complaint);
    expect(error?.message).not.toContain(setting.slice(0, 20));
  });
});
