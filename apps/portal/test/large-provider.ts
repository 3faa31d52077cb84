import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An OpenID provider that signs everybody in at once, with tokens as large as it is told, and has no page for signing out. */
export class LargeProvider {
  accessTokenBytes = 1_000;
  refreshTokenBytes = 1_000;
  private nonce = '';

  private constructor(
    private readonly server: Server,
    private readonly key: CryptoKey,
  ) {}

  static async start(): Promise<LargeProvider> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const provider = new LargeProvider(server, privateKey);
    const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'large' };
    server.on('request', async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', provider.issuer);
      const json = (body: unknown) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (pathname === '/.well-known/openid-configuration') return json(provider.description());
      if (pathname === '/keys') return json({ keys: [jwk] });
      if (pathname === '/token') return json(await provider.tokens());
      provider.nonce = searchParams.get('nonce') ?? '';
      const back = `${searchParams.get('redirect_uri')}?code=1&state=${searchParams.get('state')}`;
      response.writeHead(302, { location: back }).end();
    });
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private description() {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    };
  }

  private async tokens() {
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'large' })
        .setIssuer(this.issuer)
        .setSubject('large')
        .setAudience('bellhop')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(this.key);
    const filler = (bytes: number) => randomBytes(Math.ceil((bytes * 9) / 16)).toString('base64url');
    return {
      access_token: await sign({ groups: filler(this.accessTokenBytes) }),
      refresh_token: randomBytes(Math.ceil((this.refreshTokenBytes * 3) / 4)).toString('base64url'),
      id_token: await sign({ nonce: this.nonce, name: 'Large' }),
      token_type: 'Bearer',
      expires_in: 3_600,
    };
  }
}
