import { BROWSER_COOKIE } from '@bellhop/contracts/http';
import { normaliseAddress } from '@bellhop/contracts/persons';
import { browserToken } from '@bellhop/contracts/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { browserOf, hashOfBrowser } from '../http/browser.decorator.js';
import type { RequestWithIdentity } from './access.decorators.js';

/**
 * Who makes a request, as a text that stands for one of them only: `user:<subject>`, `guest:<address>` of a session, or
 * `browser:<hash>` of somebody of whom nothing else is known.
 */
export function principalOf(request: FastifyRequest & RequestWithIdentity, reply: FastifyReply): string {
  if (request.identity) return `user:${request.identity.subject}`;
  if (request.guest) return `guest:${normaliseAddress(request.guest.email)}`;
  return principalOfBrowser(browserOf(request, reply));
}

/** The browser itself, whoever sits in front of it. */
export function principalOfBrowser(token: string): string {
  return `browser:${hashOfBrowser(token)}`;
}

/**
 * As whom the caller may have done something before: as who they are now, the first one; and a guest also as the browser
 * that it was until the address was proven.
 */
export function principalsOf(
  request: FastifyRequest & RequestWithIdentity,
  reply: FastifyReply,
): [string, ...string[]] {
  const principal = principalOf(request, reply);
  const browser = browserToken.safeParse(request.cookies[BROWSER_COOKIE]).data;
  return request.guest && browser ? [principal, principalOfBrowser(browser)] : [principal];
}
