import { describe, expect, it } from '@jest/globals';
import { trustOf } from './forwarded-address.js';

describe('S45 a trusted proxy', () => {
  const isTrusted = trustOf(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1', '::ffff:198.51.100.0/120']);

  it.each([
    '10.1.2.3',
    '10.1.2.3:4711',
    '::ffff:10.1.2.3',
    '[::ffff:10.1.2.3]:4711',
    '192.0.2.7',
    '192.0.2.7:80',
    '2001:db8:7::1',
    '[2001:db8:7::1]:443',
    '::1',
    '[::1]',
    '198.51.100.9',
  ])('S45 is recognised as %s', (address) => {
    expect(isTrusted(address)).toBe(true);
  });

  it.each([
    '192.0.2.8',
    '11.0.0.1',
    '2001:db9::1',
    '198.51.101.1',
    'unknown',
    '',
    undefined,
    '10.0.0.0/8',
    '10.1.2.3.4',
  ])('S45 is nobody else: %j', (address) => {
    expect(isTrusted(address)).toBe(false);
  });
});
