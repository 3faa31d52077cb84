import { describe, expect, it } from '@jest/globals';
import { NETWORK_FACTORS, networksAround } from './networks-around.js';

describe('the networks around one', () => {
  it.each([
    ['203.0.113.7/32', '203.0.113.0/24', null, '203.0.0.0/16'],
    ['10.255.1.255/32', '10.255.1.0/24', null, '10.255.0.0/16'],
    ['2001:db8:1:1ff::/64', '2001:db8:1:100::/56', '2001:db8:1::/48', '2001:db8::/32'],
    ['2001:db8:1:bb00::/64', '2001:db8:1:bb00::/56', '2001:db8:1::/48', '2001:db8::/32'],
    // As an older release tells it.
    ['203.0.113.0/24', '203.0.113.0/24', null, '203.0.0.0/16'],
    ['2001:db8:1:100::/56', '2001:db8:1:100::/56', '2001:db8:1::/48', '2001:db8::/32'],
    // All that nobody can tell apart is as wide as can be.
    ['::/0', '::/0', null, null],
    ['nonsense', 'nonsense', null, null],
    ['', '', null, null],
  ])('of %s are %s, %s and %s', (narrow, network, wide, widest) => {
    expect(networksAround(narrow)).toEqual({ narrow, network, wide, widest });
  });

  it('have the larger limits the wider they are', () => {
    const { narrow, network, wide, widest } = NETWORK_FACTORS;
    expect(narrow).toBe(1);
    expect(network).toBeGreaterThan(narrow);
    expect(wide).toBeGreaterThan(network);
    expect(widest).toBeGreaterThan(wide);
  });
});
