import ipaddr from 'ipaddr.js';

/** What a customer, an organisation and a provider commonly have. IPv4 is scarce: between /24 and /16 nothing is typical. */
const WIDER_BITS = { ipv4: { widest: 16 }, ipv6: { wide: 48, widest: 32 } } as const;

export interface WiderNetworks {
  readonly wide: string | null;
  readonly widest: string | null;
}

/** @param network as `ClientNetwork` tells it, `203.0.113.0/24` or `2001:db8:1:100::/56`; nothing is around any other */
export function widerNetworks(network: string): WiderNetworks {
  const nothing = { wide: null, widest: null };
  if (!ipaddr.isValidCIDR(network)) return nothing;
  const [address, bits] = ipaddr.parseCIDR(network);
  const around = WIDER_BITS[address.kind()] as Partial<Record<keyof WiderNetworks, number>>;
  const [kind] = address.kind() === 'ipv4' ? [ipaddr.IPv4] : [ipaddr.IPv6];
  const wider = (wanted: number | undefined) =>
    wanted === undefined || wanted >= bits
      ? null
      : `${kind.networkAddressFromCIDR(`${address.toString()}/${wanted}`).toString()}/${wanted}`;
  return { wide: wider(around.wide), widest: wider(around.widest) };
}
