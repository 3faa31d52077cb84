import { describe, expect, it } from '@jest/globals';
import { networkOf } from './client-network.js';

describe('the network of a client', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['127.0.0.1', '127.0.0.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:1:1ff:aaaa:bbbb:cccc:dddd', '2001:db8:1:100::/56'],
    ['2001:DB8:1:1ff::1', '2001:db8:1:100::/56'],
    ['::1', '::/56'],
    ['fe80::1%eth0', 'fe80::/56'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it.each(['', 'unknown', '203.0.113.77, 10.0.0.1', '203.0.113.77:4711', '_hidden', '0x7f.1', "'; drop"])(
    'is one for all that forward nonsense: %j',
    (address) => {
      expect(['::/0', '127.0.0.0/24']).toContain(networkOf(address));
    },
  );
});
