import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskAddress } from './mask-address.js';

describe('a masked address', () => {
  it.each([
    ['jana@example.com', 'j***@e***'],
    ['j@e.co', 'j***@e***'],
    ['"a@b"@example.com', '"***@e***'],
  ])('%s is shown as %s', (email, shown) => {
    expect(maskAddress(email)).toBe(shown);
  });

  it('is as long for every address', () => {
    fc.assert(fc.property(fc.emailAddress(), (email) => expect(maskAddress(email)).toHaveLength(9)));
  });
});
