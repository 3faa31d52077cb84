import { setTimeout as sleep } from 'node:timers/promises';
import { sessionResponse } from '@bellhop/contracts/http';
import { Browser, type OidcProvider, startOidc } from '@bellhop/local-stack';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

const SESSION_KEY = Buffer.alloc(32, 3).toString('base64');
/** Access tokens are renewed half a minute before their end: with these, each request renews. */
const SHORT_SECONDS = 20;

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  running.push(one);
  return one;
}

const provider = (tokenSeconds: number): Promise<OidcProvider> => started(startOidc({ tokenSeconds }));
/** A replica: all of them have one address for browsers. */
const replica = (issuer: string, settings: Record<string, string> = {}): Promise<TestEdge> =>
  started(startEdge({ OIDC_ISSUER: issuer, SESSION_KEY, ...settings }));

async function look(browser: Browser, edge: TestEdge) {
  const before = browser.received.length;
  const answer = await browser.ask(`${edge.origin}/auth/session`);
  const isRenewed = browser.received.slice(before).some((line) => /^__Host-bellhop\.0=[^;]/.test(line));
  const { person, expiresAt } = sessionResponse.parse(await answer.json());
  return { person, expiresAt, isRenewed };
}

describe('a session', () => {
  it('is renewed once for all tabs that ask at the same time, and for those that ask late', async () => {
    const edge = await replica((await provider(SHORT_SECONDS)).issuer);
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    const tabs = Array.from({ length: 10 }, () => browser.copy());
    const late = browser.copy();
    const seen = await Promise.all([browser, ...tabs].map((tab) => look(tab, edge)));
    expect(new Set(seen.map(({ expiresAt }) => expiresAt)).size).toBe(1);
    expect(seen.every(({ person, isRenewed }) => person?.id === 'ada' && isRenewed)).toBe(true);
    expect(await look(late, edge)).toEqual(seen[0]);
    // The provider would have ended the sign-in, had a refresh token been used twice.
    for (let count = 0; count < 3; count++) {
      expect(await look(browser, edge)).toMatchObject({ person: { id: 'ada' }, isRenewed: true });
    }
  });

  it('is renewed on the way to a service, too', async () => {
    const tickets = await started(Upstream.start());
    const edge = await replica((await provider(SHORT_SECONDS)).issuer, { TICKETS_URL: tickets.url });
    const browser = new Browser();
    tickets.answer = (request, response) => {
      request.resume();
      response.writeHead(200, { 'set-cookie': 'of-the-service=1; Path=/' }).end('{}');
    };
    await browser.signIn(edge.origin, 'ada');
    const cookies = (await browser.ask(`${edge.origin}/api/tickets`)).headers.getSetCookie();
    expect(cookies.some((line) => line.startsWith('of-the-service=1'))).toBe(true);
    expect(cookies.some((line) => /^__Host-bellhop\.0=[^;]/.test(line))).toBe(true);
    const [first] = tickets.seen;
    await browser.ask(`${edge.origin}/api/tickets`);
    expect(tickets.last.headers.authorization).not.toBe(first?.headers.authorization);
  });

  it('lives on while its token is good, though the provider refuses to renew it: another replica has done so', async () => {
    const { issuer } = await provider(SHORT_SECONDS);
    const [one, other] = [await replica(issuer), await replica(issuer)];
    const browser = new Browser();
    await browser.signIn(one.origin, 'ada');
    const late = browser.copy();
    await look(browser, one);
    const seen = await look(late, other);
    expect(seen).toMatchObject({ person: { id: 'ada' }, isRenewed: false });
    expect(late.cookiesOf(other.origin).has('__Host-bellhop.0')).toBe(true);
  });

  it('ends when its token has ended and the provider refuses to renew it', async () => {
    const { issuer } = await provider(1);
    const [one, other] = [await replica(issuer), await replica(issuer)];
    const browser = new Browser();
    await browser.signIn(one.origin, 'ada');
    const late = browser.copy();
    await look(browser, one);
    await sleep(1_100);
    expect(await look(late, other)).toEqual({ person: null, expiresAt: null, isRenewed: false });
    expect([...late.cookiesOf(other.origin).keys()]).toEqual([]);
  });

  it('waits for a provider that is away: 503 once its token has ended, and the browser keeps it', async () => {
    const oidc = await startOidc({ tokenSeconds: 1 });
    const edge = await replica(oidc.issuer);
    const browser = new Browser();
    await browser.signIn(edge.origin, 'ada');
    await oidc.stop();
    await sleep(1_100);
    for (const path of ['/auth/session', '/api/tickets']) {
      const answer = await browser.ask(`${edge.origin}${path}`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await answer.json()).toMatchObject({ code: 'sign_in_unavailable' });
    }
    expect(browser.cookiesOf(edge.origin).has('__Host-bellhop.0')).toBe(true);
  });
});
