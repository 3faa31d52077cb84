import type { IncomingHttpHeaders } from 'node:http';
import { readAddress } from '@bellhop/http';
import type { FastifyRequest } from 'fastify';
import { isOwnCookie } from '../session/session-cookies.js';

/** What a client could claim about itself, and what concerns its connection to us only. */
const DROPPED =
  /^(forwarded|via|expect|te|trailer|upgrade|keep-alive|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|fastly-client-ip|x-rewrite-url|proxy-.*|x-forwarded.*|x-original-.*|x-http-method.*|http2-.*)$/;

/**
 * The headers of a request as a service gets them: the address of the client is ours to say, and so is who is signed in.
 * `X-Forwarded-For` is never appended to: services trust this process, and read the one address in it. Programs without a session, such as
 * the operators' command line, bring an access token of their own, which services check like any other.
 *
 * @param headers of the client, without those that `Connection` names
 * @param accessToken of the session
 */
export function requestHeaders(
  { ip, method }: FastifyRequest,
  headers: IncomingHttpHeaders,
  accessToken: string | undefined,
): IncomingHttpHeaders {
  const kept: IncomingHttpHeaders = Object.fromEntries(Object.entries(headers).filter(([name]) => !DROPPED.test(name)));
  // The sealed session is for us, and longer than all the rest.
  const cookies = headers.cookie?.split(/; */).filter((one) => !isOwnCookie(one));
  if (cookies?.length) kept.cookie = cookies.join('; ');
  else delete kept.cookie;
  // Their bodies are not passed on.
  if (method === 'GET' || method === 'HEAD') delete kept['content-length'];
  return {
    ...kept,
    'x-forwarded-for': readAddress(ip)?.toString() ?? ip,
    ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
  };
}
