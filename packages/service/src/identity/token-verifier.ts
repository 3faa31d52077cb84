import { Logger } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { Problem, temporarilyUnavailable } from '../http/problem.js';
import { type Identity, InvalidSubjectError, identityOf } from './identity.js';

/** Only algorithms with a public key: with a shared one (HS256) or none, whoever reads our settings could sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const PROVIDER_TIMEOUT_MS = 3_000;
const CLOCK_TOLERANCE_SECONDS = 5;
/** Keys that the provider no longer names are forgotten after so long, as far as it can be asked. */
const REFRESH_MS = 10 * 60_000;
/** The same trouble is logged again after so long. */
const REMIND_MS = 60_000;

type Keys = ReturnType<typeof createRemoteJWKSet>;

export interface TokenVerifierOptions {
  issuer: string;
  audience: string;
}

/**
 * Verifies bearer tokens of one OpenID provider. Its keys are found by OpenID Connect Discovery 1.0 with the first
 * token, not at start, so that a service comes up without its provider. They are kept while it is away, read anew every
 * ten minutes beside the requests, and at once for a token with a key that is not among them (every 30 s at most).
 */
export class TokenVerifier {
  private readonly log = new Logger('identity');
  private keys: Promise<Keys> | null = null;
  private refreshAt = 0;
  private lastTrouble = { reason: '', at: 0 };

  constructor(private readonly options: TokenVerifierOptions) {}

  /** @throws Problem 401 `invalid_token`; 503 `temporarily_unavailable` while the provider's keys cannot be read */
  async verify(token: string): Promise<Identity> {
    const keys = await this.discoveredKeys();
    this.refreshIfDue(keys);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.options.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return identityOf(payload);
    } catch (error) {
      throw isTokensFault(error) ? invalidToken(error) : this.providerAway(error);
    }
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
    const options = { timeoutDuration: PROVIDER_TIMEOUT_MS, cacheMaxAge: Number.POSITIVE_INFINITY };
    return createRemoteJWKSet(new URL(String(metadata.jwks_uri)), options);
  }

  /** Nobody waits for it, and when it fails the keys we have still serve. */
  private refreshIfDue(keys: Keys): void {
    if (Date.now() < this.refreshAt) return;
    this.refreshAt = Date.now() + REFRESH_MS;
    keys.reload().catch((error: unknown) => this.warn(reasonOf(error)));
  }

  private providerAway(cause: unknown): Problem {
    this.warn(reasonOf(cause));
    return temporarilyUnavailable('Who you are cannot be checked at the moment. Try again in a few seconds.', cause);
  }

  /** Every request fails for the same reason: one line when it begins or changes, and one a minute while it lasts. */
  private warn(reason: string): void {
    const now = Date.now();
    if (reason === this.lastTrouble.reason && now < this.lastTrouble.at + REMIND_MS) return;
    this.lastTrouble = { reason, at: now };
    const message = 'the OpenID provider cannot be asked for its keys: it is away, or OIDC_ISSUER is wrong';
    this.log.warn({ message, issuer: this.options.issuer, reason });
  }
}

/** `fetch failed` alone says nothing; what failed is its cause, and some causes have a code only. */
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
  const detail =
    cause instanceof errors.JWTExpired
      ? 'The token has expired. Sign in again.'
      : 'The token was not made for this service or is damaged. Sign in again.';
  return new Problem(401, 'invalid_token', 'The token is not valid', detail, {
    headers: { 'www-authenticate': 'Bearer realm="bellhop", error="invalid_token"' },
    cause,
  });
}
