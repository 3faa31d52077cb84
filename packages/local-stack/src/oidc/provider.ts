import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Keys } from './keys.js';
import { claimsOf, people } from './people.js';

export const TOKEN_SECONDS = 8 * 60 * 60;
/** How long somebody stays signed in. */
const SESSION_SECONDS = 14 * 24 * 60 * 60;
const CLIENT = 'bellhop';
// The standard wants a URI here; what services check is the audience.
const RESOURCE = 'urn:bellhop:api';

export interface ProviderOptions {
  issuer: string;
  audience: string;
  keys: Keys;
  /** How long access tokens of a sign-in are good; for scripts it is always 8 hours. */
  tokenSeconds?: number;
}

/**
 * OpenID Connect with one public client: authorization code with PKCE (RFC 7636), access tokens as JWTs (RFC 9068) for
 * the services' audience, and refresh tokens that work once.
 */
export function createProvider({ issuer, audience, keys, tokenSeconds = TOKEN_SECONDS }: ProviderOptions): Provider {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://localhost:3000/auth/callback'],
        post_logout_redirect_uris: ['http://localhost:3000/'],
      },
    ],
    jwks: { keys: [keys.signing] },
    cookies: { keys: [keys.cookies] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'locale', 'zoneinfo', 'roles'] },
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    clientBasedCORS: () => true,
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => account(id),
    extraTokenClaims: ({ oidc }, token) => ('accountId' in token ? extraClaims(token.accountId, oidc) : undefined),
    loadExistingGrant: grantEverything,
    features: { devInteractions: { enabled: false }, resourceIndicators: resourceIndicators(audience, tokenSeconds) },
    ttl: {
      AccessToken: tokenSeconds,
      IdToken: tokenSeconds,
      RefreshToken: SESSION_SECONDS,
      Session: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
    },
  });
  // Whatever runs on this machine may be signed in to: the ports of `up` move when they are taken.
  provider.Client.prototype.redirectUriAllowed = isLoopback;
  provider.Client.prototype.postLogoutRedirectUriAllowed = isLoopback;
  return provider;
}

function resourceIndicators(
  audience: string,
  tokenSeconds: number,
): NonNullable<Configuration['features']>['resourceIndicators'] {
  return {
    enabled: true,
    defaultResource: () => RESOURCE,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: 'openid email profile',
      audience,
      accessTokenFormat: 'jwt',
      accessTokenTTL: tokenSeconds,
      jwt: { sign: { alg: 'ES256' } },
    }),
  };
}

function account(id: string) {
  const person = people.find((one) => one.id === id);
  return person && { accountId: id, claims: () => ({ sub: id, ...claimsOf(person) }) };
}

/** `auth_time` is in the code, and in the refresh token that was made of it. */
function extraClaims(accountId: string | undefined, { entities }: KoaContextWithOIDC['oidc']) {
  const person = people.find(({ id }) => id === accountId);
  const { authTime } = entities.AuthorizationCode ?? entities.RefreshToken ?? {};
  return person && { ...claimsOf(person), ...(authTime !== undefined && { auth_time: authTime }) };
}

/** Nobody is asked for consent: there is one client, and it is ours. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid email profile');
  grant.addResourceScope(RESOURCE, 'openid email profile');
  await grant.save();
  return grant;
}

function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  return ['localhost', '127.0.0.1'].includes(new URL(uri).hostname);
}
