import { createParamDecorator, type ExecutionContext, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { readAddress } from './forwarded-address.js';

/** What one customer of a provider commonly has: whoever owns an address owns about this much around it. */
const IPV4_BITS = 24;
const IPV6_BITS = 56;
/** One budget for all that nobody can tell apart. */
const EVERYBODY = '::/0';
const REMIND_MS = 60_000;
const MAX_SHAPE_LENGTH = 60;

const log = new Logger('http');
let warnedAt = Number.NEGATIVE_INFINITY;

/**
 * The network that a request comes from, for budgets: `203.0.113.0/24`, `2001:db8:1:100::/56`. Not the address itself, of which
 * one person may have any number. `X-Forwarded-For` counts only behind the proxies of `TRUSTED_PROXIES`.
 */
export const ClientNetwork = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { ip }: { ip?: string } = context.switchToHttp().getRequest<FastifyRequest>();
  const network = networkOf(ip);
  if (network === EVERYBODY && ip !== undefined) warn(ip);
  return network;
});

/** @param address as Node tells it, or as a trusted proxy forwards it; of whatever is none it is `::/0` */
export function networkOf(address: string | undefined): string {
  const parsed = readAddress(address);
  if (!parsed) return EVERYBODY;
  const [kind, bits] = parsed.kind() === 'ipv4' ? [ipaddr.IPv4, IPV4_BITS] : [ipaddr.IPv6, IPV6_BITS];
  return `${kind.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()}/${bits}`;
}

/** Once a minute: it concerns every request that comes through such a proxy. */
function warn(forwarded: string): void {
  const now = performance.now();
  if (now < warnedAt + REMIND_MS) return;
  warnedAt = now;
  const message =
    'a proxy of TRUSTED_PROXIES forwards no address: all who come through it share one budget; let it write the address of its client into X-Forwarded-For';
  log.warn({ message, shape: shapeOf(forwarded) });
}

/** What it looks like; what it says may be about a person. */
function shapeOf(text: string): string {
  return text.slice(0, MAX_SHAPE_LENGTH).replace(/\p{L}/gu, 'a').replace(/\p{N}/gu, '0');
}
