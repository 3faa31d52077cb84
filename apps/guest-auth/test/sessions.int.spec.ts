import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GuestBrowser } from './guest.js';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth();
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

async function signedIn(browser: GuestBrowser = app.browser()) {
  const ticket = await app.ticket();
  const { challengeId } = (await browser.open(ticket.link)).body;
  const answer = await browser.verify(challengeId, await app.neighbours.codeOf(challengeId));
  expect(answer.status).toBe(200);
  return { ticket, browser, answer, token: browser.session as string };
}
const read = (token: string) => app.ask('readSession', { token });
const age = (token: string, column: 'seen_at' | 'created_at', interval: string) =>
  app.database.query(`update sessions set ${column} = now() - $1::interval where token_hash = $2`, [
    interval,
    createHash('sha256').update(token).digest(),
  ]);

describe('S29 a session', () => {
  it('S29 is a cookie that no script, no other host and no other site can read', async () => {
    const { answer } = await signedIn();
    const [cookie = ''] = answer.headers.getSetCookie().filter((one) => one.startsWith(GUEST_SESSION_COOKIE));
    expect(GUEST_SESSION_COOKIE).toMatch(/^__Host-/);
    expect(cookie).toMatch(/^__Host-bellhop-guest=[\w-]{43};/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute);
    expect(cookie).not.toMatch(/domain|expires|max-age/i);
  });

  it('S29 begins anew with every code: the token that was there before proves nothing', async () => {
    const planted = randomBytes(32).toString('base64url');
    const browser = app.browser();
    browser.cookies.set(GUEST_SESSION_COOKIE, planted);
    const first = await signedIn(browser);
    expect(first.token).not.toBe(planted);
    expect(await read(planted)).toBeNull();
    const second = await app.ticket({ email: first.ticket.email });
    const waiting = app.browser();
    const { challengeId } = (await waiting.open(second.link)).body;
    waiting.cookies.set(GUEST_SESSION_COOKIE, first.token);
    await waiting.verify(challengeId, await app.neighbours.codeOf(challengeId));
    expect(waiting.session).not.toBe(first.token);
    expect(await read(first.token)).toBeNull();
    expect(await read(waiting.session as string)).toMatchObject({
      ticketIds: [first.ticket.ticketId, second.ticketId],
    });
  });

  it('S29 is not begun, used or ended by a page of somebody else', async () => {
    const { browser, token, ticket } = await signedIn();
    const headers = { origin: 'https://evil.example' };
    const attempts = await Promise.all([
      browser.send('DELETE', '/guest/session', undefined, { headers }),
      browser.open(ticket.link, { headers }),
      browser.send('POST', '/guest/links', { number: ticket.number, email: ticket.email }, { headers }),
      browser.verify('0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11', '123456', { headers }),
    ]);
    for (const { status, body } of attempts) expect([status, body.code]).toEqual([403, 'foreign_origin']);
    expect(await read(token)).not.toBeNull();
  });

  it('S29 takes no form of another site for a request: only JSON, which a form cannot send', async () => {
    const { browser, ticket } = await signedIn();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const body = JSON.stringify({ link: ticket.link });
      const answer = await browser.send('POST', '/guest/challenges', body, { headers: { 'content-type': type } });
      expect(answer.status).toBe(415);
    }
  });

  it('ends after thirty minutes without use, and not before', async () => {
    const { token } = await signedIn();
    await age(token, 'seen_at', '29 minutes');
    expect(await read(token)).not.toBeNull();
    await age(token, 'seen_at', '29 minutes');
    expect(await read(token)).not.toBeNull();
    await age(token, 'seen_at', '30 minutes');
    expect(await read(token)).toBeNull();
  });

  it('ends after thirty minutes in which it was only looked at', async () => {
    const { token, ticket } = await signedIn();
    const look = () => app.ask('readSession', { token, isUse: false });
    const before = await look();
    expect(before).toMatchObject({ email: ticket.email, ticketIds: [ticket.ticketId] });
    await age(token, 'seen_at', '29 minutes');
    const leftMs = Date.parse((await look())?.expiresAt ?? '') - Date.now();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(60_000);
    expect(await look()).not.toBeNull();
    await age(token, 'seen_at', '30 minutes');
    expect(await look()).toBeNull();
  });

  it('ends after eight hours, however much it is used', async () => {
    const { token } = await signedIn();
    await age(token, 'created_at', '7 hours 50 minutes');
    const session = await read(token);
    expect(Math.round((Date.parse(session?.expiresAt ?? '') - Date.now()) / 60_000)).toBe(10);
    await age(token, 'created_at', '8 hours');
    expect(await read(token)).toBeNull();
  });

  it('ends at once when the guest signs out, also twice', async () => {
    const { browser, token } = await signedIn();
    const left = await browser.send('DELETE', '/guest/session');
    expect(left).toMatchObject({ status: 204, body: '' });
    expect(browser.session).toBeUndefined();
    expect(await read(token)).toBeNull();
    expect((await browser.send('DELETE', '/guest/session')).status).toBe(204);
    browser.cookies.set(GUEST_SESSION_COOKIE, token);
    expect((await browser.send('DELETE', '/guest/session')).status).toBe(204);
  });

  it('is not begun again, after signing out, by repeating the request that began it', async () => {
    const [ticket, browser, key] = [await app.ticket(), app.browser(), randomUUID()];
    const { challengeId } = (await browser.open(ticket.link)).body;
    const code = await app.neighbours.codeOf(challengeId);
    expect((await browser.verify(challengeId, code, { key })).status).toBe(200);
    await browser.send('DELETE', '/guest/session');
    expect((await browser.verify(challengeId, code, { key })).status).toBe(410);
    expect(browser.session).toBeUndefined();
  });

  it('gives nothing to the next guest at the same browser', async () => {
    const { browser, ticket } = await signedIn();
    await browser.send('DELETE', '/guest/session');
    const second = await signedIn(browser);
    expect((await read(second.token))?.ticketIds).not.toContain(ticket.ticketId);
  });

  it('S27 is found by its whole token and nothing else', async () => {
    const { token } = await signedIn();
    const others = [
      token.slice(0, -1),
      `${token}A`,
      token.toLowerCase() === token ? token.toUpperCase() : token.toLowerCase(),
      ` ${token}`,
      createHash('sha256').update(token).digest('base64url'),
      'null',
      '[]',
      'x'.repeat(512),
    ];
    for (const other of others) expect(await read(other)).toBeNull();
    expect(await read(token)).not.toBeNull();
  });

  it('S27 is stored as a hash', async () => {
    const { token } = await signedIn();
    const { rows } = await app.database.query('select * from sessions');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(rows.map((row) => row.token_hash.toString('hex'))).toContain(
      createHash('sha256').update(token).digest('hex'),
    );
  });
});
