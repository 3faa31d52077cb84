import { BROWSER_COOKIE } from '@bellhop/contracts/http';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { browserToken } from '@bellhop/contracts/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { browserOf, hashOfBrowser } from '../http/browser.decorator.js';
import type { RequestWithIdentity } from './access.decorators.js';

/**
 * The unique name of the caller: `user:<subject>`, `guest:<address>` of a session, or `browser:<hash>` if nothing else is known.
 */
export function principalOf(request: FastifyRequest & RequestWithIdentity, reply: FastifyReply): string {
  if (request.identity) return `user:${request.identity.subject}`;
  if (request.guest) return `guest:${normaliseAddress(request.guest.email)}`;
  return principalOfBrowser(browserOf(request, reply));
}

/** The name of the browser, whoever uses it. */
export function principalOfBrowser(token: string): string {
  return `browser:${hashOfBrowser(token)}`;
}

/**
 * The names under which the caller may have acted before. The first one is the present name; a guest has also that of the browser, used
 * until the address was proven.
 */
export function principalsOf(
  request: FastifyRequest & RequestWithIdentity,
  reply: FastifyReply,
): [string, ...string[]] {
  const principal = principalOf(request, reply);
  const browser = browserToken.safeParse(request.cookies[BROWSER_COOKIE]).data;
  return request.guest && browser ? [principal, principalOfBrowser(browser)] : [principal];
}
