import { errors } from 'jose';

/** RFC 9068 §2.1; the default. */
export const ACCESS_TOKEN_TYPES = ['at+jwt'] as const;
/** RFC 7519 §5.1: the type of most tokens, and of those without a type. */
const ANY_TOKEN = 'jwt';
/** OpenID Connect Core §2 and §3.3.2.11: claims of ID tokens, which are for clients and not for an API. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** A valid token of the provider that is no access token, such as an ID token or a logout token. */
export class TokenKindError extends errors.JWTInvalid {
  constructor(
    /** `typ` of its header. */
    readonly type: string,
    what: string,
  ) {
    super(`it is no access token: ${what}`);
    this.name = 'TokenKindError';
  }
}

/**
 * Tells access tokens from the others that a provider signs with the same key, for the same audience.
 *
 * @throws TokenKindError
 */
export function checkKind(
  header: { typ?: unknown },
  claims: Record<string, unknown>,
  accepted: readonly string[],
): void {
  // RFC 7515 §4.1.9: the prefix may be left out, and names of media types have no case.
  const type = String(header.typ ?? ANY_TOKEN)
    .toLowerCase()
    .replace(/^application\//, '');
  if (!accepted.includes(type)) throw new TokenKindError(type, `its type is ${type}`);
  // OpenID Connect Back-Channel Logout §2.4; RFC 8417 calls all such tokens security events.
  if (claims.events !== undefined) throw new TokenKindError(type, 'it tells of an event');
  // Claims of Keycloak and Amazon Cognito that name the kind of token; other providers have neither.
  const { typ: ofKeycloak, token_use: ofCognito } = claims;
  if (ofKeycloak !== undefined || ofCognito !== undefined) {
    const isAccess = /^bearer$/i.test(String(ofKeycloak ?? 'Bearer')) && String(ofCognito ?? 'access') === 'access';
    if (!isAccess) throw new TokenKindError(type, 'its claims say so');
    return;
  }
  const sign = ID_TOKEN_CLAIMS.find((name) => claims[name] !== undefined);
  if (sign) throw new TokenKindError(type, `it has the claim ${sign}`);
}
