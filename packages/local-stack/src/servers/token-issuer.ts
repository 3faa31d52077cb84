import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LIFETIME_SECONDS = 12 * 60 * 60;

export interface Identity {
  readonly id: string;
  readonly email: string;
  readonly locale: string;
  readonly isAgent: boolean;
  readonly isOperator?: boolean;
}

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  /** @param lifetimeSeconds default: twelve hours */
  token(identity: Identity, lifetimeSeconds?: number): string;
  stop(): Promise<void>;
}

/**
 * An OpenID provider that speaks discovery and keys only, and knows as many people as a storm or a benchmark needs: nobody
 * may get more than 30 mails an hour, so the five of the local stack would not do.
 */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' };
  const audience = 'bellhop';
  let issuer = '';
  const server = createServer(({ url }, response) => {
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [jwk] },
    };
    const answer = answers[url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    audience,
    token({ id, email, locale, isAgent, isOperator = false }, lifetimeSeconds = LIFETIME_SECONDS) {
      const now = Math.floor(Date.now() / 1000);
      const roles = [...(isAgent ? ['agent'] : []), ...(isOperator ? ['operator'] : [])];
      const claims = { iss: issuer, aud: audience, sub: id, email, email_verified: true, locale, roles };
      const signed = [
        { alg: 'RS256', kid: 'test', typ: 'at+jwt' },
        { ...claims, iat: now, exp: now + lifetimeSeconds },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
