import type { TokenVerifierOptions } from './token-verifier.js';

interface IdentitySettings {
  readonly OIDC_ISSUER: string;
  readonly OIDC_AUDIENCE: string;
  readonly OIDC_TOKEN_TYPES: readonly string[];
  readonly OIDC_TRUST_EMAIL: boolean;
}

/** Whose tokens an app believes, from its settings. */
export function identityFrom(config: IdentitySettings): TokenVerifierOptions {
  return {
    issuer: config.OIDC_ISSUER,
    audience: config.OIDC_AUDIENCE,
    tokenTypes: config.OIDC_TOKEN_TYPES,
    trustsEmail: config.OIDC_TRUST_EMAIL,
  };
}
