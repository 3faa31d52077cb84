import { describe, expect, it } from '@jest/globals';
import { widerNetworks } from './wider-networks.js';

describe('the networks around one', () => {
  it.each([
    ['203.0.113.0/24', null, '203.0.0.0/16'],
    ['10.255.1.0/24', null, '10.255.0.0/16'],
    ['2001:db8:1:100::/56', '2001:db8:1::/48', '2001:db8::/32'],
    ['2001:db8:1:bb00::/56', '2001:db8:1::/48', '2001:db8::/32'],
    // All that nobody can tell apart is as wide as can be.
    ['::/0', null, null],
    ['nonsense', null, null],
    ['', null, null],
  ])('of %s are %s and %s', (network, wide, widest) => {
    expect(widerNetworks(network)).toEqual({ wide, widest });
  });
});
