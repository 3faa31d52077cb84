import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const BRACKETED = /^\[([^\]]*)\](?::\d*)?$/;
const PORT = /:\d+$/;

/**
 * An address as Node or a proxy writes it: alone, in brackets, in quotes, with a port behind it (RFC 7239 §6; Azure's Application
 * Gateway writes one into X-Forwarded-For). Null when it is none.
 *
 * @param text undefined: Node does not tell the address of a client that has gone already
 */
export function readAddress(text: string | undefined): Address | null {
  const written = (text ?? '').trim().replace(/^"(.*)"$/, '$1');
  const bare = BRACKETED.exec(written)?.[1] ?? written;
  return parse(bare) ?? parse(bare.replace(PORT, ''));
}

function parse(text: string): Address | null {
  // The library also takes what C once took: `1`, `0x7f.1`.
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : null;
}

/**
 * Whether an address is that of a trusted proxy. Fastify's own look knows no ports: a proxy that another one forwards with its
 * port would be taken for the client, and everybody behind it for one.
 *
 * @param networks addresses and CIDRs, as `TRUSTED_PROXIES` names them
 */
export function trustOf(networks: readonly string[]): (address: string | undefined) => boolean {
  const ranges = networks.map(rangeOf);
  return (text) => {
    const address = readAddress(text);
    return address !== null && ranges.some(([network, bits]) => isWithin(address, network, bits));
  };
}

function isWithin(address: Address, network: Address, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network as never, bits);
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`: addresses are read so as well. */
function rangeOf(network: string): [Address, number] {
  const [address, bits] = network.includes('/')
    ? ipaddr.parseCIDR(network)
    : [ipaddr.parse(network), network.includes(':') ? 128 : 32];
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress()) return [address, bits];
  return [address.toIPv4Address(), Math.max(bits - 96, 0)];
}
