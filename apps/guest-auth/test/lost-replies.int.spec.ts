import { randomUUID } from 'node:crypto';
import { BROWSER_COOKIE, GUEST_SESSION_COOKIE } from '@bellhop/contracts/http';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { wrong } from './guest.js';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth();
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

describe('an answer that was lost', () => {
  it('of a verification is repeated for the same key, with a new cookie', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    const key = randomUUID();
    await browser.verify(challengeId, code, { key });
    const lost = browser.session as string;
    const repeated = await browser.verify(challengeId, code, { key });
    expect(repeated).toMatchObject({ status: 200, body: { ticketId: ticket.ticketId } });
    expect(browser.session).not.toBe(lost);
    expect(await app.ask('readSession', { token: lost })).toBeNull();
    expect(await app.ask('readSession', { token: browser.session as string })).toMatchObject({ email: ticket.email });
    expect((await browser.verify(challengeId, code, { key: randomUUID() })).status).toBe(410);
    expect((await browser.verify(challengeId, wrong(code), { key })).status).toBe(422);
  });

  it('of a verification is repeated also if the guest has meanwhile opened another link, in another tab', async () => {
    const first = await app.codeSent();
    const second = await app.codeSent({ email: first.ticket.email }, first.browser);
    const { browser } = first;
    const key = randomUUID();
    await browser.verify(first.challengeId, first.code, { key });
    browser.cookies.delete(GUEST_SESSION_COOKIE);
    await browser.verify(second.challengeId, second.code);
    expect(await browser.verify(first.challengeId, first.code, { key })).toMatchObject({ status: 200 });
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.ticketIds).toEqual([second.ticket.ticketId, first.ticket.ticketId]);
  });

  it('of an opening is repeated for the same key, without a second mail', async () => {
    const [ticket, other, browser, key] = [await app.ticket(), await app.ticket(), app.browser(), randomUUID()];
    const first = await browser.open(ticket.link, { key });
    const sent = app.neighbours.codes.length;
    expect(await browser.open(ticket.link, { key })).toMatchObject({ status: 202, body: first.body });
    expect(app.neighbours.codes).toHaveLength(sent);
    expect(await browser.open(other.link, { key })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect((await app.browser().open(ticket.link, { key })).body.challengeId).not.toBe(first.body.challengeId);
  });
});

describe('while the notifier', () => {
  afterAll(() => app.neighbours.notifier('answers'));

  it.each(['away', 'refuses'] as const)(
    '%s, no code is sent, and one that was sent keeps working',
    async (behaviour) => {
      await app.neighbours.notifier('answers');
      const { ticket, browser, challengeId, code } = await app.codeSent();
      await app.neighbours.notifier(behaviour);
      expect(await browser.open(ticket.link)).toMatchObject({
        status: 503,
        body: { code: 'temporarily_unavailable' },
      });
      expect((await browser.verify(challengeId, code)).status).toBe(200);
    },
  );

  it('does not answer, the code may have been sent, so it works', async () => {
    const [ticket, browser] = [await app.ticket(), app.browser()];
    await app.neighbours.notifier('silent');
    const { status, body } = await browser.open(ticket.link);
    expect(status).toBe(202);
    expect((await browser.verify(body.challengeId, await app.neighbours.codeOf(body.challengeId))).status).toBe(200);
  });

  it('does not answer, a service that requests a challenge gets its id before its own timeout', async () => {
    await app.neighbours.notifier('silent');
    const [ticketId, email, browser] = [randomUUID(), `f${randomUUID().slice(0, 8)}@example.com`, 'B'.repeat(43)];
    const asked = { purpose: 'filing', ticketId, email, number: 'ABC123', browser } as const;
    const { challengeId } = await app.ask('openChallenge', asked);
    expect(await app.neighbours.codeOf(challengeId)).toMatch(/^\d{6}$/);
  });

  it('is slow, a code that was requested earlier does not replace one that was requested later', async () => {
    const [ticket, browser] = [await app.ticket(), app.browser()];
    browser.cookies.set(BROWSER_COOKIE, 'C'.repeat(43));
    await app.neighbours.notifier('silent');
    const sent = app.neighbours.codes.length;
    const slow = browser.open(ticket.link);
    await waitFor(() => app.neighbours.codes.length > sent, { what: 'the first code' });
    await app.neighbours.notifier('answers');
    const { challengeId } = (await browser.open(ticket.link)).body;
    expect(await slow).toMatchObject({ status: 202, body: { challengeId } });
    expect((await browser.verify(challengeId, await app.neighbours.codeOf(challengeId))).status).toBe(200);
  });
});
