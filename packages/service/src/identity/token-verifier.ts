import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, temporarilyUnavailable } from '@bellhop/http';
import { Logger } from '@nestjs/common';
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTVerifyResult, jwtVerify } from 'jose';
import { type Identity, InvalidSubjectError, identityOf } from './identity.js';
import { ACCESS_TOKEN_TYPES, checkKind, TokenKindError } from './token-kind.js';

/** Only algorithms with a public key: with a shared key (HS256) or none, whoever reads our settings could sign tokens. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const PROVIDER_TIMEOUT_MS = 3_000;
const CLOCK_TOLERANCE_SECONDS = 5;
/** How often keys are read again. Revoked keys are dropped then, if the provider is reachable. */
const REFRESH_MS = 10 * 60_000;
/** Least time between two reads caused by tokens with unknown keys, which anybody can make. */
const LOOK_MS = 1_000;
/** The same problem is logged again after this time. */
const REMIND_MS = 60_000;

const AWAY = 'the OpenID provider cannot be asked for its keys: it is away, or OIDC_ISSUER is wrong';
const WRONG_KIND = 'a token was refused that is no access token; if it is one, name its type in OIDC_TOKEN_TYPES';
const UNVERIFIED =
  'e-mail addresses in tokens are left out: the provider does not say that they are verified; let it add email_verified, or set OIDC_TRUST_EMAIL';

type Keys = ReturnType<typeof createRemoteJWKSet>;

export interface TokenVerifierOptions {
  issuer: string;
  audience: string;
  /** In lower case. Default: `at+jwt`. */
  tokenTypes?: readonly string[] | undefined;
  /** Accepts an address of which the token does not say whether it is verified. */
  trustsEmail?: boolean | undefined;
}

/**
 * Verifies bearer tokens of one OpenID provider. Its keys are found by OpenID Connect Discovery 1.0 with the first token, not at start, so
 * that a service starts without its provider. They are kept while it is unavailable, and read again every ten minutes in the background,
 * and within a second when a token names an unknown key.
 */
export class TokenVerifier {
  private readonly log = new Logger('identity');
  private keys: Promise<Keys> | null = null;
  private refreshAt = 0;
  private looking: Promise<void> = Promise.resolve();
  private nextLook: Promise<void> | null = null;
  private lookedAt = 0;
  private readonly warned = new Map<string, { reason: string; at: number }>();

  constructor(private readonly options: TokenVerifierOptions) {}

  /** @throws Problem 401 `invalid_token`; 503 `temporarily_unavailable` while the provider's keys cannot be read */
  async verify(token: string): Promise<Identity> {
    const keys = await this.discoveredKeys();
    this.refreshIfDue(keys);
    try {
      const { payload, protectedHeader } = await this.verified(token, keys);
      checkKind(protectedHeader, payload, this.options.tokenTypes ?? ACCESS_TOKEN_TYPES);
      this.warnOfAddress(payload);
      return identityOf(payload, this.options.trustsEmail);
    } catch (error) {
      if (error instanceof TokenKindError) this.warn(WRONG_KIND, error.message);
      throw isTokensFault(error) ? invalidToken(error) : this.providerAway(error);
    }
  }

  /** Reads the keys again if the token may have a new one. */
  private async verified(token: string, keys: Keys): Promise<JWTVerifyResult> {
    const verify = () =>
      jwtVerify(token, keys, {
        issuer: this.options.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
    return verify().catch(async (error: unknown) => {
      if (!mayHaveNewKey(token, error)) throw error;
      await this.look(keys);
      return verify();
    });
  }

  /** Resolves after a read that began after this call; concurrent callers share it. */
  private look(keys: Keys): Promise<void> {
    this.nextLook ??= (async () => {
      await this.looking.catch(() => undefined);
      await sleep(Math.min(Math.max(this.lookedAt + LOOK_MS - Date.now(), 0), LOOK_MS));
      this.nextLook = null;
      this.lookedAt = Date.now();
      this.looking = keys.reload();
      await this.looking;
    })();
    return this.nextLook;
  }

  private discoveredKeys(): Promise<Keys> {
    this.keys ??= this.discover().catch((error: unknown) => {
      this.keys = null;
      throw this.providerAway(error);
    });
    return this.keys;
  }

  private async discover(): Promise<Keys> {
    const { issuer } = this.options;
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`the OpenID provider answered its discovery with ${response.status}`);
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (metadata.issuer !== issuer) {
      throw new Error(`the OpenID provider calls itself ${String(metadata.issuer)}, OIDC_ISSUER says ${issuer}`);
    }
    this.refreshAt = Date.now() + REFRESH_MS;
    // When keys are read again is decided here, not by the library.
    const [cacheMaxAge, cooldownDuration] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const options = { timeoutDuration: PROVIDER_TIMEOUT_MS, cacheMaxAge, cooldownDuration };
    return createRemoteJWKSet(new URL(String(metadata.jwks_uri)), options);
  }

  /** In the background; when it fails the present keys stay in use. */
  private refreshIfDue(keys: Keys): void {
    if (Date.now() < this.refreshAt) return;
    this.refreshAt = Date.now() + REFRESH_MS;
    keys.reload().catch((error: unknown) => this.warn(AWAY, reasonOf(error)));
  }

  private providerAway(cause: unknown): Problem {
    this.warn(AWAY, reasonOf(cause));
    return temporarilyUnavailable('Who you are cannot be checked at the moment. Try again in a few seconds.', cause);
  }

  /** Without an address people get no mails, and this line is the only hint why. */
  private warnOfAddress({ email, email_verified }: Record<string, unknown>): void {
    if (email === undefined || email_verified !== undefined || this.options.trustsEmail) return;
    this.warn(UNVERIFIED, 'the claim email_verified is missing');
  }

  /** While every request fails for the same reason: one line when it begins or changes, and one a minute. */
  private warn(message: string, reason: string): void {
    const now = Date.now();
    const last = this.warned.get(message);
    if (last && reason === last.reason && now < last.at + REMIND_MS) return;
    this.warned.set(message, { reason, at: now });
    this.log.warn({ message, issuer: this.options.issuer, reason });
  }
}

/** The token names an unknown key, or none, and the provider may have replaced its only one. */
function mayHaveNewKey(token: string, error: unknown): boolean {
  if (error instanceof errors.JWKSNoMatchingKey) return true;
  return error instanceof errors.JWSSignatureVerificationFailed && decodeProtectedHeader(token).kid === undefined;
}

/** The message with its causes: `fetch failed` alone says nothing, and some causes have only a code. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = Object(error) as { message?: string; code?: string; cause?: unknown };
  const reason = message || code || String(error);
  return cause === undefined ? reason : `${reason}: ${reasonOf(cause)}`;
}

const TOKEN_FAULTS = [
  InvalidSubjectError,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

function isTokensFault(error: unknown): boolean {
  return TOKEN_FAULTS.some((fault) => error instanceof fault);
}

function invalidToken(cause: unknown): Problem {
  const detail = detailOf(cause);
  return new Problem(401, 'invalid_token', 'The token is not valid', detail, {
    headers: { 'www-authenticate': 'Bearer realm="bellhop", error="invalid_token"' },
    cause,
  });
}

function detailOf(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'The token has expired. Sign in again.';
  if (cause instanceof TokenKindError) return 'The token is no access token. Send the one called access_token.';
  return 'The token was not made for this service or is damaged. Sign in again.';
}
