import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { temporaryFolder } from '../folders.js';
import { type OidcProvider, startOidc } from './oidc.js';

const REDIRECT = 'http://127.0.0.1:4000/signed-in';

describe('the OpenID provider', () => {
  let oidc: OidcProvider;
  beforeAll(async () => {
    oidc = await startOidc();
  });
  afterAll(() => oidc.stop());

  const discovery = async () =>
    (await (await fetch(`${oidc.issuer}/.well-known/openid-configuration`)).json()) as Record<string, string>;
  const verified = async (token: string) => {
    const keys = createRemoteJWKSet(new URL((await discovery()).jwks_uri as string));
    return (await jwtVerify(token, keys, { issuer: oidc.issuer, audience: oidc.audience })).payload;
  };

  it('gives scripts a verifiable access token of a seeded person', async () => {
    expect(await verified(await oidc.token('jan@example.com'))).toMatchObject({
      sub: 'jan',
      email: 'jan@example.com',
      locale: 'pl',
      zoneinfo: 'Europe/Warsaw',
      roles: [],
    });
    expect(await verified(await oidc.token('agent@example.com'))).toMatchObject({ roles: ['agent'] });
    expect(await verified(await oidc.token('ops@example.com'))).toMatchObject({ roles: ['operator'] });
  });

  it('names the people it knows when asked for another', async () => {
    const body = JSON.stringify({ email: 'eve@example.com' });
    const answer = await fetch(`${oidc.issuer}/dev/token`, { method: 'POST', body });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      code: 'unknown_person',
      detail: expect.stringContaining('ada@example.com'),
    });
  });

  it('signs a person in by picking them, with PKCE, and gives the same kind of token', async () => {
    const browser = new Browser();
    const { authorization_endpoint, token_endpoint } = await discovery();
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: 'bellhop',
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid email profile',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const signInPage = await browser.follow(`${authorization_endpoint}?${query}`);
    expect(signInPage.text).toContain('ada@example.com');
    const { url } = await browser.follow(signInPage.url, new URLSearchParams({ person: 'ada' }));
    const code = new URL(url).searchParams.get('code') as string;
    const answer = await fetch(token_endpoint as string, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'bellhop',
        redirect_uri: REDIRECT,
        code,
        code_verifier: verifier,
      }),
    });
    const { access_token, id_token } = (await answer.json()) as { access_token: string; id_token: string };
    expect(await verified(access_token)).toMatchObject({
      sub: 'ada',
      email: 'ada@example.com',
      locale: 'en',
      roles: [],
    });
    expect(id_token).toEqual(expect.any(String));
  });

  it('refuses to sign in without PKCE, and to an address that is not on this machine', async () => {
    const browser = new Browser();
    const { authorization_endpoint } = await discovery();
    const query = { client_id: 'bellhop', response_type: 'code', scope: 'openid', redirect_uri: REDIRECT };
    const plain = await browser.follow(`${authorization_endpoint}?${new URLSearchParams(query)}`);
    expect(new URL(plain.url).searchParams.get('error')).toBe('invalid_request');
    const elsewhere = { ...query, redirect_uri: 'http://evil.example.com/' };
    const foreign = await browser.follow(`${authorization_endpoint}?${new URLSearchParams(elsewhere)}`);
    expect(foreign.text).toContain('invalid_redirect_uri');
  });

  it('keeps its key: a token is good after a restart', async () => {
    const folder = temporaryFolder('oidc-restart');
    const first = await startOidc({ dataDir: folder.path });
    const token = await first.token('ada@example.com');
    await first.stop();
    const second = await startOidc({ dataDir: folder.path, port: Number(new URL(first.issuer).port) });
    const keys = createRemoteJWKSet(new URL(`${second.issuer}/jwks`));
    expect((await jwtVerify(token, keys, { issuer: second.issuer })).payload.sub).toBe('ada');
    await second.stop();
    folder.remove();
  });
});

/** Just enough of a browser: follows redirects on this machine's provider and keeps its cookies. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async follow(url: string, form?: URLSearchParams): Promise<{ url: string; text: string }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const init = form ? { method: 'POST', body: form } : {};
    const answer = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      this.cookies.set(name, value);
    }
    const next = answer.headers.get('location');
    if (next === null) return { url, text: await answer.text() };
    const target = new URL(next, url).href;
    return target.startsWith(REDIRECT) ? { url: target, text: '' } : this.follow(target);
  }
}
