import { GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';
import { linkToken } from '@bellhop/contracts/rpc';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashOf } from '../secrets/tokens.js';

/** Without `Max-Age`: it ends with the browser, and on our side when it is idle. */
const ATTRIBUTES: CookieSerializeOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' };

/** SHA-256 of the session token that a request carries; null for none, or what cannot be one. */
export const SessionToken = createParamDecorator((_: unknown, context: ExecutionContext): Buffer | null =>
  sessionHashOf(context.switchToHttp().getRequest<FastifyRequest>().cookies[GUEST_SESSION_COOKIE]),
);

/** A token of a session has the shape of one of a link: 256 bits. Null for anything else, which needs no look-up. */
export function sessionHashOf(token: string | undefined): Buffer | null {
  const { data } = linkToken.safeParse(token);
  return data === undefined ? null : hashOf(data);
}

export function setSessionCookie(reply: FastifyReply, token: string): void {
  reply.setCookie(GUEST_SESSION_COOKIE, token, ATTRIBUTES);
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(GUEST_SESSION_COOKIE, ATTRIBUTES);
}
