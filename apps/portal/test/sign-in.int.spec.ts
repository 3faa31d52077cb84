import { BROWSER_COOKIE, sessionResponse, signOutResponse } from '@bellhop/contracts/http';
import { Browser, type OidcProvider, startOidc, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

let oidc: OidcProvider;
let service: Upstream;
let edge: TestEdge;
beforeAll(async () => {
  [oidc, service] = await Promise.all([startOidc(), Upstream.start()]);
  edge = await startEdge({ OIDC_ISSUER: oidc.issuer, TICKETS_URL: service.url, NOTIFICATIONS_URL: service.url });
});
afterAll(async () => {
  await edge?.stop();
  await Promise.all([oidc?.stop(), service?.stop()]);
});
beforeEach(() => {
  service.seen.length = 0;
});

const SESSION = '__Host-bellhop.0';

async function sessionOf(browser: Browser) {
  return sessionResponse.parse(await (await browser.ask(`${edge.origin}/auth/session`)).json());
}

describe('signing in', () => {
  it('returns to the page that asked for it, with a session that says who it is and gives no token away', async () => {
    const browser = new Browser();
    expect(await sessionOf(browser)).toEqual({ person: null, expiresAt: null });
    const { url } = await browser.signIn(edge.origin, 'ada', '/tickets/new?category=trading');
    expect(url).toBe(`${edge.origin}/tickets/new?category=trading`);
    const answer = await browser.ask(`${edge.origin}/auth/session`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { person, expiresAt } = sessionResponse.strict().parse(await answer.json());
    expect(person).toEqual({ id: 'ada', name: 'Ada', email: 'ada@example.com', locale: 'en', roles: [] });
    expect(Date.parse(expiresAt as string)).toBeGreaterThan(Date.now() + 7 * 3_600_000);
    expect(browser.received.join('\n')).not.toMatch(/eyJhbGciOiJFUzI1NiI/);
  });

  it('keeps tokens in sealed cookies that no script, no neighbour and no foreign page can use', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'agent');
    const lines = browser.received.filter((line) => line.startsWith('__Host-bellhop.') && !line.includes('=;'));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      expect(line).toMatch(/; Path=\//);
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; Secure/);
      expect(line).toMatch(/; SameSite=Lax/);
      expect(line).not.toMatch(/; Domain/i);
      expect((line.split(';')[0] as string).length).toBeLessThanOrEqual(4_096);
    }
    const header = JSON.parse(atob(browser.cookiesOf(edge.origin).get(SESSION)?.split('.')[0] as string));
    expect(header).toEqual({ alg: 'dir', enc: 'A256GCM', kid: expect.stringMatching(/^[\w-]{8}$/) });
  });

  it('sends the access token to the services, in the place of whatever the page says, and keeps its own cookies', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'lead');
    await browser.ask(`${edge.origin}/api/tickets`, { headers: { authorization: 'Bearer forged' } });
    const [scheme, token = ''] = service.last.headers.authorization?.split(' ') ?? [];
    expect(scheme).toBe('Bearer');
    expect(decodeJwt(token)).toMatchObject({ sub: 'lead', aud: 'bellhop', roles: ['agent'] });
    expect(service.last.headers.cookie).toBeUndefined();
  });

  it('passes on the cookies of a guest beside its own', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    const session = browser.cookiesOf(edge.origin).get(SESSION);
    await fetch(`${edge.url}/api/tickets`, {
      headers: { cookie: `a=1; ${SESSION}=${session}; __Host-bellhop-guest=g` },
    });
    expect(service.last.headers.cookie).toBe('a=1; __Host-bellhop-guest=g');
    expect(service.last.headers.authorization).toMatch(/^Bearer /);
  });

  it('S16 leads nowhere but to a page of ours', async () => {
    const { url } = await new Browser().signIn(edge.origin, 'ada', '//evil.example/');
    expect(url).toBe(`${edge.origin}/`);
  });

  it('S15 builds its own address from PUBLIC_URL, whatever Host says', async () => {
    const answer = await fetch(`${edge.url}/auth/sign-in`, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    const sent = new URL(answer.headers.get('location') as string);
    expect(sent.searchParams.get('redirect_uri')).toBe(`${edge.origin}/auth/callback`);
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      scope: 'openid email profile offline_access',
    });
  });

  it('S29 ends only in the browser in which it began, and once', async () => {
    const [mine, other] = [new Browser(), new Browser()];
    const page = await mine.open(`${edge.origin}/auth/sign-in`);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    let answer = await mine.ask(page.url, { method: 'POST', headers, body: 'person=ada' });
    let at = answer.headers.get('location') as string;
    while (!at.includes('/auth/callback')) {
      answer = await mine.ask(at);
      at = answer.headers.get('location') as string;
    }
    const stranger = await other.open(at);
    expect(stranger.url).toBe(`${edge.origin}/?sign_in=expired`);
    expect((await sessionOf(other)).person).toBeNull();
    expect((await mine.open(at)).url).toBe(`${edge.origin}/`);
    expect((await sessionOf(mine)).person).toMatchObject({ id: 'ada' });
    expect((await mine.open(at)).url).toBe(`${edge.origin}/?sign_in=expired`);
    expect((await sessionOf(mine)).person).toMatchObject({ id: 'ada' });
  });

  it('asks a person whom the provider knows anew where an action needs a recent sign-in', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    const signedInAt = async () => {
      await browser.ask(`${edge.origin}/api/tickets`);
      return decodeJwt(service.last.headers.authorization?.split(' ')[1] as string).auth_time as number;
    };
    const before = await signedInAt();
    const usual = await browser.open(`${edge.origin}/auth/sign-in?return_to=/tickets`);
    expect(usual.url).toBe(`${edge.origin}/tickets`);
    expect(await signedInAt()).toBe(before);
    await waitFor(() => Date.now() / 1_000 > before + 1, { what: 'the next second' });
    const asked = await browser.open(`${edge.origin}/auth/sign-in?fresh=1&return_to=/settings%23phrase`);
    expect(asked.url).toMatch(`${oidc.issuer}/interaction/`);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const back = await browser.open(asked.url, { method: 'POST', headers, body: 'person=ada' });
    expect(back.url).toBe(`${edge.origin}/settings#phrase`);
    expect(await signedInAt()).toBeGreaterThan(before);
  });

  it('works in two tabs at the same time', async () => {
    const browser = new Browser();
    const first = await browser.ask(`${edge.origin}/auth/sign-in?return_to=/first`);
    const { url } = await browser.signIn(edge.origin, 'jan', '/second');
    expect(url).toBe(`${edge.origin}/second`);
    // The provider knows the person by now.
    const end = await browser.open(first.headers.get('location') as string);
    expect(end.url).toBe(`${edge.origin}/first`);
  });

  it('lets no number of begun sign-ins fill a browser with cookies', async () => {
    const browser = new Browser();
    for (let count = 0; count < 12; count++) await browser.ask(`${edge.origin}/auth/sign-in`);
    expect(browser.cookiesOf(edge.origin).size).toBeLessThanOrEqual(5);
  });

  it.each([
    ['?error=access_denied', 'cancelled'],
    ['?error=server_error', 'failed'],
    ['?code=forged', 'failed'],
  ])('says by the start page that it did not succeed (%s): %s', async (query, reason) => {
    const browser = new Browser();
    const sent = await browser.ask(`${edge.origin}/auth/sign-in`);
    const state = new URL(sent.headers.get('location') as string).searchParams.get('state');
    const iss = encodeURIComponent(oidc.issuer);
    const { url } = await browser.open(`${edge.origin}/auth/callback${query}&state=${state}&iss=${iss}`);
    expect(url).toBe(`${edge.origin}/?sign_in=${reason}`);
    expect((await sessionOf(browser)).person).toBeNull();
  });

  it('says so while the provider is away, and is up without it', async () => {
    const alone = await startEdge();
    const answer = await fetch(`${alone.url}/auth/sign-in`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe('/?sign_in=provider_unavailable');
    await alone.stop();
  });

  it.each([
    ['changed', (text: string) => `${text.slice(0, -2)}AA`],
    ['cut off', (text: string) => text.slice(0, 200)],
    ['not ours', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.BBBB.CCCC'],
    ['nothing', () => '.'],
  ])('takes a cookie that is %s for none', async (_, change) => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    const cookie = `${SESSION}=${change(browser.cookiesOf(edge.origin).get(SESSION) as string)}`;
    const answer = await fetch(`${edge.url}/auth/session`, { headers: { cookie } });
    expect(await answer.json()).toEqual({ person: null, expiresAt: null });
  });
});

describe('a rotated key', () => {
  it('opens the sessions of the old one for as long as it is named', async () => {
    const [older, newer] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];
    const settings = { OIDC_ISSUER: oidc.issuer };
    const before = await startEdge({ ...settings, SESSION_KEY: older });
    const browser = new Browser();
    await browser.signIn(before.origin, 'ada');
    const cookie = `${SESSION}=${browser.cookiesOf(before.origin).get(SESSION)}`;
    await before.stop();
    for (const [SESSION_KEY, isKnown] of [
      [`${newer},${older}`, true],
      [newer, false],
    ] as const) {
      const after = await startEdge({ ...settings, SESSION_KEY });
      const { person } = (await (await fetch(`${after.url}/auth/session`, { headers: { cookie } })).json()) as never;
      expect(person !== null).toBe(isKnown);
      await after.stop();
    }
  });
});

describe('signing out', () => {
  const signOut = (browser: Browser, headers: Record<string, string> = { origin: edge.origin }) =>
    browser.ask(`${edge.origin}/auth/sign-out`, { method: 'POST', headers });

  it('ends the session here and leads to the end of the one at the provider', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    const { redirect } = signOutResponse.parse(await (await signOut(browser)).json());
    const end = new URL(redirect);
    expect(end.origin).toBe(oidc.issuer);
    expect(end.searchParams.get('post_logout_redirect_uri')).toBe(`${edge.origin}/`);
    expect(decodeJwt(end.searchParams.get('id_token_hint') as string)).toMatchObject({ sub: 'ada' });
    expect([...browser.cookiesOf(edge.origin).keys()]).toEqual([]);
    expect((await sessionOf(browser)).person).toBeNull();
    expect((await browser.ask(redirect)).status).toBe(200);
  });

  it('S47 ends the push subscription of the browser before it answers', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    await fetch(`${edge.url}/auth/sign-out`, {
      method: 'POST',
      headers: { origin: edge.origin, cookie: `${BROWSER_COOKIE}=browser-of-ada; a=1` },
    });
    expect(service.seen).toEqual([
      expect.objectContaining({
        method: 'DELETE',
        url: '/notifications/push-subscriptions',
        headers: expect.objectContaining({ cookie: `${BROWSER_COOKIE}=browser-of-ada` }),
      }),
    ]);
  });

  it('signs out also when notifications and the provider are away, or nobody was signed in', async () => {
    const alone = await startEdge();
    const answer = await fetch(`${alone.url}/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: `${BROWSER_COOKIE}=b`, 'content-type': 'application/json' },
      body: '{"any":"thing"}',
    });
    expect([answer.status, await answer.json()]).toEqual([200, { redirect: '/' }]);
    await alone.stop();
  });

  it('S29 is not for a page of somebody else, nor a link', async () => {
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    expect((await signOut(browser, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.ask(`${edge.origin}/auth/sign-out`)).status).toBe(404);
    expect((await sessionOf(browser)).person).toMatchObject({ id: 'ada' });
  });
});
