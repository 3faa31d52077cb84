import { sessionResponse } from '@bellhop/contracts/http';
import { Browser } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LargeProvider } from './large-provider.js';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

let provider: LargeProvider;
let tickets: Upstream;
let edge: TestEdge;
beforeAll(async () => {
  [provider, tickets] = await Promise.all([LargeProvider.start(), Upstream.start()]);
  edge = await startEdge({ OIDC_ISSUER: provider.issuer, TICKETS_URL: tickets.url });
});
afterAll(async () => {
  await edge?.stop();
  await Promise.all([provider?.stop(), tickets?.stop()]);
});

const sizes = (lines: readonly string[]) => lines.map((line) => (line.split(';')[0] as string).length);

describe('P16 a provider with large tokens', () => {
  it.each([
    ['an access token of 6 kB', 6_000, 1_000],
    ['a refresh token of 6 kB', 1_000, 6_000],
  ])('P16 %s is a session in cookies that browsers take', async (_, accessTokenBytes, refreshTokenBytes) => {
    Object.assign(provider, { accessTokenBytes, refreshTokenBytes });
    const browser = new Browser();
    const { url } = await browser.signIn(edge.origin, 'large', '/tickets');
    expect(url).toBe(`${edge.origin}/tickets`);
    expect(Math.max(...sizes(browser.received))).toBeLessThanOrEqual(4_096);
    const answer = await browser.ask(`${edge.origin}/auth/session`);
    expect(sessionResponse.parse(await answer.json()).person).toMatchObject({ id: 'large', name: 'Large' });
    expect((await browser.ask(`${edge.origin}/api/tickets`)).status).toBe(200);
    expect(tickets.last.headers.authorization?.length).toBeGreaterThan(accessTokenBytes);
  });

  it('P16 says so when they do not fit, and leaves no half of a session', async () => {
    Object.assign(provider, { accessTokenBytes: 8_000, refreshTokenBytes: 6_000 });
    const browser = new Browser();
    const { url } = await browser.signIn(edge.origin, 'large', '/tickets');
    expect(url).toBe(`${edge.origin}/?sign_in=session_too_large`);
    expect([...browser.cookiesOf(edge.origin).keys()]).toEqual([]);
  });

  it('leaves no piece of a longer session behind', async () => {
    const browser = new Browser();
    for (const [bytes, pieces] of [
      [6_000, 3],
      [500, 1],
    ] as const) {
      Object.assign(provider, { accessTokenBytes: bytes, refreshTokenBytes: bytes / 4 });
      await browser.signIn(edge.origin, 'large');
      expect(browser.cookiesOf(edge.origin).size).toBe(pieces);
      const answer = await browser.ask(`${edge.origin}/auth/session`);
      expect(sessionResponse.parse(await answer.json()).person).toMatchObject({ id: 'large' });
    }
  });

  it('signs out here when the provider has no page for it', async () => {
    const browser = new Browser();
    Object.assign(provider, { accessTokenBytes: 500, refreshTokenBytes: 500 });
    await browser.signIn(edge.origin, 'large');
    const answer = await browser.ask(`${edge.origin}/auth/sign-out`, { method: 'POST' });
    expect(await answer.json()).toEqual({ redirect: '/' });
    expect([...browser.cookiesOf(edge.origin).keys()]).toEqual([]);
  });
});
