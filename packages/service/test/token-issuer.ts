import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

/** An OpenID provider that speaks discovery and keys only, and signs whatever a test asks for. */
export interface TokenIssuer {
  issuer: string;
  /** A good token of `ada` for the audience `bellhop`, changed by `claims`; undefined removes a claim. */
  token(
    claims?: Record<string, unknown>,
    header?: { alg?: string; kid?: string | undefined; typ?: string | undefined },
  ): Promise<string>;
  /** From now on signs with another key, and names only that one. Without an id, tokens do not say which key it is. */
  rotate(kid?: string): Promise<void>;
  requests: string[];
  stop(): Promise<void>;
}

export const AUDIENCE = 'bellhop';

export async function startTokenIssuer(port = 0): Promise<TokenIssuer> {
  let key = await newKey('one');
  const requests: string[] = [];
  let issuer = '';
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [key.jwk] },
    };
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    requests,
    async token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1000);
      const all: JWTPayload = { iss: issuer, aud: AUDIENCE, sub: 'ada', exp: now + 60, iat: now, ...claims };
      const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: key.jwk.kid, typ: 'at+jwt', ...header } as JWTHeaderParameters)
        .sign(key.privateKey);
    },
    async rotate(kid) {
      key = await newKey(kid);
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function newKey(kid?: string) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }, privateKey };
}
