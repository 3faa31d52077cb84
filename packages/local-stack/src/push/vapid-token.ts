import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { fromBase64url, isPoint } from './p256.js';
import { PushProblem } from './problems.js';

/** What the claims of a token are held against. */
export interface VapidRules {
  /** Of the push service: what `aud` has to be. */
  origin: string;
  /** Milliseconds since 1970. */
  nowMs: number;
  /** Whether `sub` may be at localhost, which Apple refuses. */
  isLocalSubjectAllowed: boolean;
}

const LONGEST_SECONDS = 24 * 60 * 60;
const LOCAL = /(^|\.)localhost$|^127\.|^\[::1\]$/;

/**
 * RFC 8292: a token in ES256, signed with the key beside it.
 * @returns that key, in base64url
 * @throws PushProblem 401 without a token, 403 for one that is not valid
 */
export function checkVapid(authorization: string | undefined, rules: VapidRules): string {
  const { t: token, k: key } = parametersOf(authorization);
  if (token === undefined) throw bad('the parameter `t` is missing');
  if (key === undefined) throw bad('the parameter `k` is missing');
  checkClaims(verifiedClaims(token, publicKeyOf(key)), rules);
  return key;
}

function parametersOf(authorization: string | undefined): Record<string, string> {
  const [, parameters] = /^vapid\s+(.*)$/i.exec(authorization ?? '') ?? [];
  if (parameters === undefined)
    throw new PushProblem(401, 'MissingProviderToken', 'There is no `Authorization: vapid t=…, k=…`.');
  const pairs = parameters.matchAll(/([a-z]+)\s*=\s*"?([^\s,"]+)"?/gi);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name?.toLowerCase(), value]));
}

function publicKeyOf(key: string): KeyObject {
  const point = fromBase64url(key);
  if (!point || !isPoint(point)) throw bad('`k` is no uncompressed point of P-256 in base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((bytes) => bytes.toString('base64url')) as [
    string,
    string,
  ];
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
}

function verifiedClaims(token: string, key: KeyObject): Record<string, unknown> {
  const [head, body, signature, ...more] = token.split('.');
  const signed = signature === undefined ? undefined : fromBase64url(signature);
  if (head === undefined || body === undefined || !signed || more.length > 0) throw bad('`t` is no JWT');
  if (objectIn(head).alg !== 'ES256') throw bad('its `alg` is not ES256');
  const isRight = verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, signed);
  if (!isRight) throw bad('it was not signed with the key in `k`');
  return objectIn(body);
}

function objectIn(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw bad('`t` is no JWT');
}

function checkClaims({ aud, exp, sub }: Record<string, unknown>, rules: VapidRules): void {
  const now = rules.nowMs / 1_000;
  if (aud !== rules.origin) throw bad(`\`aud\` is ${JSON.stringify(aud)} instead of "${rules.origin}"`);
  if (typeof exp !== 'number') throw bad('`exp` is no number');
  if (exp <= now) throw bad('`exp` is in the past');
  if (exp > now + LONGEST_SECONDS) throw bad('`exp` is more than 24 hours ahead');
  const host = hostOf(sub);
  if (host === undefined) throw bad('`sub` is no mailto: or https: URL');
  if (LOCAL.test(host) && !rules.isLocalSubjectAllowed) throw bad('`sub` is at localhost');
}

/** Where somebody can be reached about the pushes. */
function hostOf(subject: unknown): string | undefined {
  if (typeof subject !== 'string') return undefined;
  const [, domain] = /^mailto:[^\s<>@]+@([^\s<>@?]+)$/i.exec(subject) ?? [];
  if (domain !== undefined) return domain.toLowerCase();
  return /^https:\/\//i.test(subject) && URL.canParse(subject) ? new URL(subject).hostname : undefined;
}

function bad(what: string): PushProblem {
  return new PushProblem(403, 'BadJwtToken', `The VAPID token is not valid: ${what}.`);
}
