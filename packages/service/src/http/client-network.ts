import { readAddress } from '@bellhop/http';
import { createParamDecorator, type ExecutionContext, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { narrowestOf } from './networks-around.js';

/** One budget for all that nobody can tell apart. */
const EVERYBODY = '::/0';
const REMIND_MS = 60_000;
const MAX_SHAPE_LENGTH = 60;

const log = new Logger('http');
let warnedAt = Number.NEGATIVE_INFINITY;

/**
 * The network that a request comes from, for budgets: `203.0.113.7/32`, `2001:db8:1:101::/64`. Of an IPv6 address not more, since one
 * device may have any number of those. `X-Forwarded-For` counts only behind the proxies of `TRUSTED_PROXIES`.
 */
export const ClientNetwork = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  clientNetworkOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The same for guards, which are asked before a body is read. */
export function clientNetworkOf({ ip }: { readonly ip?: string }): string {
  const network = networkOf(ip);
  if (network === EVERYBODY && ip !== undefined) warn(ip);
  return network;
}

/** @param address as Node tells it, or as a trusted proxy forwards it; of whatever is none it is `::/0` */
export function networkOf(address: string | undefined): string {
  const parsed = readAddress(address);
  return parsed ? narrowestOf(parsed) : EVERYBODY;
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
