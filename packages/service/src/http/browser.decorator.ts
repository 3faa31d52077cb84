import { createHash, randomBytes } from 'node:crypto';
import { BROWSER_COOKIE } from '@bellhop/contracts/http';
import { browserToken } from '@bellhop/contracts/rpc';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

const TOKEN_BYTES = 32;
/** Browsers keep no cookie longer (RFC 6265bis §5.5). */
const MAX_AGE_SECONDS = 400 * 24 * 3_600;

/**
 * The browser of the request, as the value of its cookie: 43 characters of base64url. A browser without a valid one is given one with the
 * answer. It proves no identity; what is bound to it works in this browser only.
 */
export const Browser = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const http = context.switchToHttp();
  return browserOf(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});

/** The same browser for all callers during one request. */
export function browserOf(request: FastifyRequest & { browser?: string }, reply: FastifyReply): string {
  request.browser ??= browserToken.safeParse(request.cookies[BROWSER_COOKIE]).data ?? give(reply);
  return request.browser;
}

/** The hash to store or compare where the value itself must not be stored. */
export function hashOfBrowser(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function give(reply: FastifyReply): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  reply.setCookie(BROWSER_COOKIE, token, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    maxAge: MAX_AGE_SECONDS,
  });
  return token;
}
