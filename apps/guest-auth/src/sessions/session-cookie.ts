import { GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';
import { linkToken } from '@bellhop/contracts/rpc';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashOf } from '../secrets/tokens.js';

/** Without `Max-Age` the cookie ends with the browser; on our side the session ends when it is idle. */
const ATTRIBUTES: CookieSerializeOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' };

/** The session cookie of a request and of its answer. */
export class SessionCookie {
  /** SHA-256 of the token that the request carries; null for none or a malformed one. */
  readonly tokenHash: Buffer | null;

  constructor(
    request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    this.tokenHash = sessionHashOf(request.cookies[GUEST_SESSION_COOKIE]);
  }

  set(token: string): void {
    this.reply.setCookie(GUEST_SESSION_COOKIE, token, ATTRIBUTES);
  }

  clear(): void {
    this.reply.clearCookie(GUEST_SESSION_COOKIE, ATTRIBUTES);
  }
}

/** The `SessionCookie` of the current request, as a controller's parameter. */
export const GuestSession = createParamDecorator((_: unknown, context: ExecutionContext): SessionCookie => {
  const http = context.switchToHttp();
  return new SessionCookie(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});

/** A session token has the format of a link's: 256 bits. Null for anything else, which needs no look-up. */
export function sessionHashOf(token: string | undefined): Buffer | null {
  const { data } = linkToken.safeParse(token);
  return data === undefined ? null : hashOf(data);
}
