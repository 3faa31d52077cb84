import type { SessionPerson } from '@bellhop/contracts/http';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import type { Config } from '../config.js';
import type { Session } from '../session/session.js';

const TIMEOUT_SECONDS = 10;
/** For a provider that does not say how long its access tokens are good. */
const DEFAULT_LIFETIME_SECONDS = 300;
/** Both mean the same (OpenID Connect Core §3.1.2.1), and some providers know only one of them. */
const FRESH = { prompt: 'login', max_age: '0' };

/** The provider has ended the sign-in: only the person can start another one. */
export class SignInEndedError extends Error {}

/** A sign-in that has begun, until the person comes back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  /** The secret half of PKCE (RFC 7636). */
  readonly verifier: string;
  readonly returnTo: string;
}

/** The OpenID provider, as far as the edge needs it: authorization code with PKCE, renewal, sign-out. */
export class OpenId {
  private discovered: Promise<oidc.Configuration> | undefined;
  private readonly callback: string;

  constructor(private readonly config: Config) {
    this.callback = `${config.PUBLIC_URL}/auth/callback`;
  }

  /**
   * Where to send the browser, and what to remember of it.
   * @param isFresh the person signs in anew, although the provider knows them: an action asks for a recent sign-in (RFC 9470)
   */
  async begin(returnTo: string, isFresh = false): Promise<{ url: URL; pending: PendingSignIn }> {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const url = oidc.buildAuthorizationUrl(await this.provider(), {
      ...this.config.OIDC_AUTHORIZATION_PARAMS,
      ...(isFresh && FRESH),
      redirect_uri: this.callback,
      scope: this.config.OIDC_SCOPES,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url, pending: { state, nonce, verifier, returnTo } };
  }

  /**
   * @param query of the callback, with its `?`; the address itself is ours, whatever `Host` says
   * @throws when the answer is not the one to this sign-in, or the provider refuses
   */
  async finish(query: string, { state, nonce, verifier }: PendingSignIn): Promise<Session> {
    const tokens = await oidc.authorizationCodeGrant(await this.provider(), new URL(this.callback + query), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return sessionOf(tokens, undefined);
  }

  /** @throws SignInEndedError, or whatever keeps the provider from answering */
  async renew(session: Session, refreshToken: string): Promise<Session> {
    try {
      return sessionOf(await oidc.refreshTokenGrant(await this.provider(), refreshToken), session);
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant')
        throw new SignInEndedError('the provider does not renew this session', { cause: error });
      throw error;
    }
  }

  /** Where the browser ends the provider's own session, and comes back from. Undefined if the provider has no such page. */
  async signOutUrl({ idToken }: Session): Promise<URL | undefined> {
    const provider = await this.provider();
    if (provider.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(provider, {
      post_logout_redirect_uri: `${this.config.PUBLIC_URL}/`,
      ...(idToken && { id_token_hint: idToken }),
    });
  }

  /** Makes the refresh token useless, if the provider can (RFC 7009). */
  async revoke({ refreshToken }: Session): Promise<void> {
    const provider = await this.provider();
    if (refreshToken === undefined || provider.serverMetadata().revocation_endpoint === undefined) return;
    await oidc.tokenRevocation(provider, refreshToken);
  }

  /** What is wrong with the provider, and what to do; null when it is there. */
  async problem(): Promise<string | null> {
    try {
      await this.provider();
      return null;
    } catch (error) {
      return `The OpenID provider ${this.config.OIDC_ISSUER} does not describe itself (${(error as Error).message}): nobody can sign in.`;
    }
  }

  /** Its description is read once, at the first need: the edge starts without it. */
  private provider(): Promise<oidc.Configuration> {
    this.discovered ??= discover(this.config).catch((error) => {
      this.discovered = undefined;
      throw error;
    });
    return this.discovered;
  }
}

function discover({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET }: Config): Promise<oidc.Configuration> {
  const issuer = new URL(OIDC_ISSUER);
  const authentication = OIDC_CLIENT_SECRET ? oidc.ClientSecretBasic(OIDC_CLIENT_SECRET) : oidc.None();
  return oidc.discovery(issuer, OIDC_CLIENT_ID, undefined, authentication, {
    timeout: TIMEOUT_SECONDS,
    execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
  });
}

type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

/** A renewal may answer without refresh token, ID token and claims: then those of before hold. */
function sessionOf(tokens: Tokens, before: Session | undefined): Session {
  const claims = { ...tokens.claims(), ...claimsIn(tokens.access_token) };
  const refreshToken = tokens.refresh_token ?? before?.refreshToken;
  const idToken = tokens.id_token ?? before?.idToken;
  return {
    person: personOf(claims, before?.person),
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expiresIn() ?? DEFAULT_LIFETIME_SECONDS) * 1_000,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
  };
}

/** Only to show who is signed in: whoever grants something checks the token. */
function claimsIn(accessToken: string): Record<string, unknown> {
  try {
    return decodeJwt(accessToken);
  } catch {
    return {};
  }
}

function personOf(claims: Record<string, unknown>, before: SessionPerson | undefined): SessionPerson {
  const { sub, name, email, locale, roles } = claims;
  const text = (claim: unknown) => (typeof claim === 'string' ? claim : null);
  return {
    id: text(sub) ?? before?.id ?? '',
    name: text(name) ?? before?.name ?? null,
    email: text(email) ?? before?.email ?? null,
    locale: text(locale) ?? before?.locale ?? null,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : (before?.roles ?? []),
  };
}
