import { importJWK, type JWTPayload, SignJWT } from 'jose';
import webpush, { type RequestDetails, type RequestOptions } from 'web-push';
import type { PushSubscriptionKeys } from '../src/push/push-service.js';

/** Our application server's keys. */
export const KEYS = webpush.generateVAPIDKeys();
export const SUBJECT = 'mailto:push@bellhop.example';

export interface PushRequest {
  headers: Record<string, string>;
  body: Buffer | null;
}

export interface PushAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** A push as the library web-push makes it. Its own way to send knows https only. */
export function requestFor(
  { endpoint, keys }: PushSubscriptionKeys,
  text: string | null = 'Hello',
  options: RequestOptions = {},
): PushRequest {
  const all: RequestOptions = {
    vapidDetails: { subject: SUBJECT, ...KEYS },
    TTL: 60,
    contentEncoding: 'aes128gcm',
    ...options,
  };
  const to = { endpoint, keys };
  const details: RequestDetails =
    text === null ? webpush.generateRequestDetails(to, null, all) : webpush.generateRequestDetails(to, text, all);
  const headers = Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  // The client counts the bytes itself.
  const { 'content-length': _, ...rest } = Object.fromEntries(headers) as Record<string, string>;
  return { headers: rest, body: details.body };
}

export async function send(endpoint: string, request: PushRequest, init: RequestInit = {}): Promise<PushAnswer> {
  const { headers, body } = request;
  const answer = await fetch(endpoint, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: body && new Uint8Array(body),
    ...init,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

export function push(to: PushSubscriptionKeys, text?: string | null, options?: RequestOptions): Promise<PushAnswer> {
  return send(to.endpoint, requestFor(to, text, options));
}

/** The header Authorization with these claims instead of the usual ones, signed with our key or another one. */
export async function vapid(
  endpoint: string,
  claims: JWTPayload,
  { signer = KEYS, shown = KEYS.publicKey }: { signer?: typeof KEYS; shown?: string } = {},
): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const point = Buffer.from(signer.publicKey, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((bytes) => bytes.toString('base64url'));
  const key = await importJWK(
    { kty: 'EC', crv: 'P-256', x: x as string, y: y as string, d: signer.privateKey },
    'ES256',
  );
  const token = new SignJWT({ aud: new URL(endpoint).origin, exp, sub: SUBJECT, ...claims });
  return `vapid t=${await token.setProtectedHeader({ typ: 'JWT', alg: 'ES256' }).sign(key)}, k=${shown}`;
}
