import { describe, expect, it } from '@jest/globals';
import { ACCESS_TOKEN_TYPES, checkKind, TokenKindError } from './token-kind.js';

type Claims = Record<string, unknown>;

const LOGOUT = { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } };
const KINDS: [what: string, typ: unknown, claims: Claims, strict: boolean, withJwt: boolean][] = [
  ['an access token', 'at+jwt', {}, true, true],
  ['an access token by its long name', 'application/at+jwt', { client_id: 'a', scope: 'openid' }, true, true],
  ['an access token in capitals', 'AT+JWT', {}, true, true],
  ['an access token with the time of the sign-in', 'at+jwt', { auth_time: 1, acr: '0', amr: ['pwd'] }, true, true],
  ['an access token of a provider that says JWT', 'JWT', { scope: 'openid', azp: 'a' }, false, true],
  ['one that says nothing', undefined, { scope: 'openid' }, false, true],
  ['one of Keycloak', 'JWT', { typ: 'Bearer' }, false, true],
  ['one of an old Keycloak, which has a nonce', 'JWT', { typ: 'Bearer', nonce: 'n' }, false, true],
  ['one of Cognito', undefined, { token_use: 'access' }, false, true],
  ['an ID token', 'JWT', { nonce: 'n' }, false, false],
  ['an ID token with a hash of the access token', 'JWT', { at_hash: 'h' }, false, false],
  ['an ID token with a hash of the code', undefined, { c_hash: 'h' }, false, false],
  ['an ID token that calls itself an access token', 'at+jwt', { nonce: 'n' }, false, false],
  ['an ID token of Keycloak', 'JWT', { typ: 'ID' }, false, false],
  ['a refresh token of Keycloak', 'JWT', { typ: 'Refresh' }, false, false],
  ['an ID token of Cognito', undefined, { token_use: 'id' }, false, false],
  ['a logout token', 'logout+jwt', LOGOUT, false, false],
  ['a logout token without a name', undefined, LOGOUT, false, false],
  ['a logout token that says JWT', 'JWT', LOGOUT, false, false],
  ['a logout token that calls itself an access token', 'at+jwt', LOGOUT, false, false],
  ['a security event', 'secevent+jwt', LOGOUT, false, false],
  ['a proof of possession', 'dpop+jwt', {}, false, false],
  ['an introspection answer', 'token-introspection+jwt', {}, false, false],
  ['a request object', 'oauth-authz-req+jwt', {}, false, false],
  ['a type that is no text', 7, {}, false, false],
  ['an empty type', '', {}, false, false],
];

const isTaken = (typ: unknown, claims: Claims, accepted: readonly string[]) => {
  try {
    checkKind({ typ }, claims, accepted);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TokenKindError);
    return false;
  }
};

describe('S44 kinds of tokens', () => {
  it.each(KINDS)('S44 %s (typ %j, %j)', (_what, typ, claims, strict, withJwt) => {
    expect(isTaken(typ, claims, ACCESS_TOKEN_TYPES)).toBe(strict);
    expect(isTaken(typ, claims, ['at+jwt', 'jwt'])).toBe(withJwt);
  });
});
