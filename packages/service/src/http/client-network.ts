import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** What one customer of a provider commonly has: whoever owns an address owns about this much around it. */
const IPV4_BITS = 24;
const IPV6_BITS = 56;

/**
 * The network that a request comes from, for budgets: `203.0.113.0/24`, `2001:db8:1:100::/56`. Not the address itself, of which
 * one person may have any number. `X-Forwarded-For` counts only behind the proxies of `TRUSTED_PROXIES`.
 */
export const ClientNetwork = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  networkOf(context.switchToHttp().getRequest<FastifyRequest>().ip),
);

/** @param address as Node tells it, or as a trusted proxy forwards it */
export function networkOf(address: string): string {
  // What a proxy forwards may be anything; whoever sends nonsense shares one budget with the others who do.
  if (!ipaddr.isValid(address)) return '::/0';
  const parsed = ipaddr.process(address);
  const [kind, bits] = parsed.kind() === 'ipv4' ? [ipaddr.IPv4, IPV4_BITS] : [ipaddr.IPv6, IPV6_BITS];
  return `${kind.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()}/${bits}`;
}
