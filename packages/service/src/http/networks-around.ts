import ipaddr from 'ipaddr.js';

/**
 * The networks whose budgets a request uses, the smallest first: those that one connection, one customer, one organisation and one
 * provider commonly have. IPv4 is scarce: between /24 and /16 no size is typical.
 */
const BITS = {
  ipv4: { narrow: 32, network: 24, wide: null, widest: 16 },
  ipv6: { narrow: 64, network: 56, wide: 48, widest: 32 },
} as const;

/**
 * The limit of each as a multiple of that of the smallest: enough for many independent people, and not for one with hundreds of networks.
 */
export const NETWORK_FACTORS = { narrow: 1, network: 2, wide: 4, widest: 16 } as const;

export type NetworkLength = keyof typeof NETWORK_FACTORS;

/** Null where there is none. */
export interface NetworksAround extends Readonly<Record<NetworkLength, string | null>> {
  readonly narrow: string;
  readonly network: string;
}

/**
 * @param network as `ClientNetwork` tells it, `203.0.113.7/32` or `2001:db8:1:101::/64`. Of a wider one nothing smaller is known: it
 *   stands for itself. Around whatever is none there is nothing
 */
export function networksAround(network: string): NetworksAround {
  const alone = { narrow: network, network, wide: null, widest: null };
  if (!ipaddr.isValidCIDR(network)) return alone;
  const [address, bits] = ipaddr.parseCIDR(network);
  const lengths = BITS[address.kind()];
  const within = (length: number | null) => (length !== null && length < bits ? prefixOf(address, length) : null);
  return {
    ...alone,
    network: within(lengths.network) ?? network,
    wide: within(lengths.wide),
    widest: within(lengths.widest),
  };
}

/** `203.0.113.0/24` of 203.0.113.7. */
function prefixOf(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const cidr = `${address.toString()}/${bits}`;
  const first =
    address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${first.toString()}/${bits}`;
}

/** The prefix that tells one connection from another. */
export function narrowestOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return prefixOf(address, BITS[address.kind()].narrow);
}
