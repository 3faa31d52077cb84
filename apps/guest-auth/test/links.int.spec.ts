import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { BROWSER_COOKIE } from '@bellhop/contracts/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseGuestKeys } from '../src/secrets/guest-keys.js';
import { KEY, type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth();
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

const delivery = (more = {}) => ({
  deliveryId: randomUUID(),
  ticketId: randomUUID(),
  email: 'jana@example.com',
  ...more,
});
const status = async (link: unknown) => (await app.browser().open(link)).status;

describe('issuing links', () => {
  it('gives each delivery one of its own, in the order of the request', async () => {
    const asked = Array.from({ length: 250 }, () => delivery());
    const links = await app.ask('issueLinks', asked);
    expect(links.map(({ deliveryId }) => deliveryId)).toEqual(asked.map(({ deliveryId }) => deliveryId));
    expect(new Set(links.map(({ link }) => link)).size).toBe(250);
  });

  it('gives the same delivery the same link, also in one batch, and for any number of concurrent requests', async () => {
    const asked = Array.from({ length: 50 }, () => delivery());
    const [first] = asked as [(typeof asked)[0]];
    const answers = await Promise.all([
      app.ask('issueLinks', [...asked, first]),
      ...Array.from({ length: 10 }, () => app.ask('issueLinks', [...asked].reverse())),
    ]);
    const links = answers.map((answer) => Object.fromEntries(answer.map(({ deliveryId, link }) => [deliveryId, link])));
    for (const other of links) expect(other).toEqual(links[0]);
  });

  it('S27 stores SHA-256 of a link and parts that do not make it without the key, and nothing of the key', async () => {
    const asked = delivery();
    const [issued] = await app.ask('issueLinks', [asked]);
    const { rows } = await app.database.query('select * from links where delivery_id = $1', [asked.deliveryId]);
    const link = issued?.link as string;
    expect(rows[0].token_hash).toEqual(createHash('sha256').update(link).digest());
    const kept = Object.values(rows[0]).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value))));
    for (const secret of [Buffer.from(link), Buffer.from(link, 'base64url'), Buffer.from(KEY, 'base64')]) {
      expect(Buffer.concat(kept).includes(secret)).toBe(false);
    }
    // With the key and the row it can be computed again; with one of them it cannot.
    const made = parseGuestKeys(KEY).newest.mac('link', asked.deliveryId, rows[0].salt);
    expect(made.toString('base64url')).toBe(link);
  });

  it('binds it to an address however that is written', async () => {
    const asked = delivery({ email: 'Jana@MÜNCHEN.example'.replace('MÜNCHEN', 'xn--mnchen-3ya').toUpperCase() });
    await app.ask('issueLinks', [asked]);
    const { rows } = await app.database.query('select email from links where delivery_id = $1', [asked.deliveryId]);
    expect(rows).toEqual([{ email: 'jana@xn--mnchen-3ya.example' }]);
  });

  it('a delivery that is now for somebody else gets another link, and the first one stops working', async () => {
    const ticket = await app.ticket();
    const asked = delivery({ ticketId: ticket.ticketId, email: ticket.email });
    const [first] = await app.ask('issueLinks', [asked]);
    const [second] = await app.ask('issueLinks', [{ ...asked, email: 'else@example.com' }]);
    expect(second?.link).not.toBe(first?.link);
    expect([await status(first?.link), await status(second?.link)]).toEqual([404, 202]);
    expect(app.neighbours.codes.at(-1)?.email).toBe('else@example.com');
  });

  it('links of a rotated key still work, and a new one is made when that key is removed', async () => {
    const ticket = await app.ticket();
    const asked = delivery({ ticketId: ticket.ticketId, email: ticket.email });
    const [first] = await app.ask('issueLinks', [asked]);
    await app.database.query(`update links set key_id = '\\x00' where delivery_id = $1`, [asked.deliveryId]);
    expect(await status(first?.link)).toBe(202);
    const [second] = await app.ask('issueLinks', [asked]);
    expect(second?.link).not.toBe(first?.link);
    expect([await status(first?.link), await status(second?.link)]).toEqual([404, 202]);
  });

  it.each([
    ['no delivery', []],
    ['251 deliveries', Array.from({ length: 251 }, () => delivery())],
    ['an address with a line break', [delivery({ email: 'a@example.com\r\nBcc: b@example.com' })]],
    ['an id that is none', [delivery({ deliveryId: 'x' })]],
  ])('%s is not even asked', async (_what, asked) => {
    await expect(app.ask('issueLinks', asked)).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('the life of a link', () => {
  it('ends thirty days after its ticket was closed, and begins again when that is reopened', async () => {
    const { ticketId, link } = await app.ticket();
    const closed = (version: number, daysAgo: number) =>
      app.tell('ticket.closed.v1', { ticketId, version, time: new Date(Date.now() - daysAgo * DAY_MS) });
    await closed(3, 29);
    expect(await status(link)).toBe(202);
    await closed(4, 31);
    expect(await status(link)).toBe(404);
    await app.tell('ticket.reopened.v1', { ticketId, version: 5 });
    expect(await status(link)).toBe(202);
  });

  it('is decided by the newest version, in whatever order events arrive', async () => {
    const { ticketId, link } = await app.ticket();
    const time = new Date(Date.now() - 40 * DAY_MS);
    await app.tell('ticket.reopened.v1', { ticketId, version: 6 });
    await app.tell('ticket.closed.v1', { ticketId, version: 5, time });
    expect(await status(link)).toBe(202);
    await app.tell('ticket.closed.v1', { ticketId, version: 7, time });
    await app.tell('ticket.reopened.v1', { ticketId, version: 6 });
    expect(await status(link)).toBe(404);
  });

  it('is not extended by what happens to a ticket while it is closed', async () => {
    const { ticketId, link } = await app.ticket();
    await app.tell('ticket.closed.v1', { ticketId, version: 3, time: new Date(Date.now() - 31 * DAY_MS) });
    await app.tell('ticket.replied.v1', { ticketId, version: 4, status: 'closed' });
    expect(await status(link)).toBe(404);
  });

  it('of a ticket without any event yet starts with the first one', async () => {
    const ticketId = randomUUID();
    const link = await app.link(ticketId, 'jana@example.com');
    const waiting = await app.browser().open(link);
    expect(waiting).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    await app.tell('ticket.replied.v1', { ticketId, version: 2 });
    expect(await status(link)).toBe(202);
  });
});

describe('revoking links', () => {
  const revoke = async (body: object, token?: string) =>
    app.browser().send('POST', '/ops/guest-links/revocations', body, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });

  async function opened(of: Parameters<RunningGuestAuth['ticket']>[0] = {}) {
    const [ticket, browser] = [await app.ticket(of), app.browser()];
    const { challengeId } = (await browser.open(ticket.link)).body;
    await browser.verify(challengeId, await app.neighbours.codeOf(challengeId));
    return { ticket, browser };
  }
  const open = async (token: string | undefined) =>
    (await app.ask('readSession', { token: token as string }))?.ticketIds;

  it('ends links, sessions and codes already sent, of everybody, at once', async () => {
    const { ticket, browser } = await opened();
    const other = await app.link(ticket.ticketId, 'helper@example.com');
    const waiting = app.browser();
    const { challengeId } = (await waiting.open(other)).body;
    const ops = await app.token('ops@example.com');
    expect(await revoke({ ticketId: ticket.ticketId }, ops)).toMatchObject({
      status: 200,
      body: { links: 2, sessions: 1 },
    });
    expect([await status(ticket.link), await status(other)]).toEqual([404, 404]);
    expect(await open(browser.session)).toEqual([]);
    expect((await waiting.verify(challengeId, await app.neighbours.codeOf(challengeId))).status).toBe(410);
    expect(await revoke({ ticketId: ticket.ticketId }, ops)).toMatchObject({ body: { links: 0, sessions: 0 } });
  });

  it('ends the codes of a filing, too: neither a late one nor a repeated one opens the ticket again', async () => {
    const ops = await app.token('ops@example.com');
    const filed = async () => {
      const [browser, token, ticketId] = [app.browser(), randomBytes(32).toString('base64url'), randomUUID()];
      browser.cookies.set(BROWSER_COOKIE, token);
      const email = `f${ticketId.slice(0, 8)}@example.com`;
      const asked = { purpose: 'filing', ticketId, email, number: 'ABC123', browser: token } as const;
      const { challengeId } = await app.ask('openChallenge', asked);
      return { browser, ticketId, challengeId, code: await app.neighbours.codeOf(challengeId) };
    };
    const late = await filed();
    await revoke({ ticketId: late.ticketId }, ops);
    expect((await late.browser.verify(late.challengeId, late.code)).status).toBe(410);
    const [{ browser, ticketId, challengeId, code }, key] = [await filed(), randomUUID()];
    expect((await browser.verify(challengeId, code, { key })).status).toBe(200);
    expect(await revoke({ ticketId }, ops)).toMatchObject({ body: { links: 0, sessions: 1 } });
    expect((await browser.verify(challengeId, code, { key })).status).toBe(410);
    expect(await open(browser.session)).toEqual([]);
  });

  it('of one address leaves the others alone, and other tickets of this one', async () => {
    const { ticket, browser } = await opened();
    const helper = await opened({ ticketId: ticket.ticketId, email: 'helper@example.com' });
    const second = await app.ticket({ email: ticket.email });
    await browser.open(second.link);
    const ops = await app.token('ops@example.com');
    const body = { ticketId: ticket.ticketId, email: ticket.email.toUpperCase() };
    expect(await revoke(body, ops)).toMatchObject({ body: { links: 1, sessions: 1 } });
    expect([await open(browser.session), await open(helper.browser.session)]).toEqual([
      [second.ticketId],
      [ticket.ticketId],
    ]);
    expect(await status(helper.ticket.link)).toBe(202);
  });

  it('is not undone by a session that was about to be given the ticket', async () => {
    const { ticket, browser } = await opened();
    const second = await app.ticket({ email: ticket.email });
    const ops = await app.token('ops@example.com');
    const [answer] = await app.holding(
      { sql: 'select from sessions where email = $1 for update', values: [ticket.email], waiting: 1 },
      () => [browser.open(second.link)],
      () => revoke({ ticketId: second.ticketId }, ops),
    );
    expect(answer?.status).toBe(202);
    expect(await open(browser.session)).toEqual([ticket.ticketId]);
    const { challengeId } = answer?.body ?? {};
    expect((await browser.verify(challengeId, await app.neighbours.codeOf(challengeId))).status).toBe(410);
  });

  it('leaves nothing behind, however much happens at the same time', async () => {
    const ops = await app.token('ops@example.com');
    for (let round = 0; round < 10; round += 1) {
      const { ticket, browser } = await opened();
      const second = await app.ticket({ email: ticket.email });
      const third = app.browser();
      const { challengeId } = (await third.open(second.link)).body;
      const code = await app.neighbours.codeOf(challengeId);
      const jobs = [
        () => browser.open(second.link),
        () => third.verify(challengeId, code),
        () => revoke({ ticketId: second.ticketId }, ops),
      ].sort(() => Math.random() - 0.5);
      await Promise.all(jobs.map((job) => job()));
      expect((await open(browser.session)) ?? []).not.toContain(second.ticketId);
      if (third.session) expect(await open(third.session)).not.toContain(second.ticketId);
    }
  });

  it('S28 is for operators: for nobody else, and not for who only says to be one', async () => {
    const { ticketId, link } = await app.ticket();
    const forged = { 'x-user': 'ops', 'x-forwarded-user': 'ops', 'x-role': 'operator', 'x-roles': 'operator' };
    const answer = await app.browser().send('POST', '/ops/guest-links/revocations', { ticketId }, { headers: forged });
    expect(answer.status).toBe(401);
    for (const email of ['agent@example.com', 'ada@example.com'])
      expect((await revoke({ ticketId }, await app.token(email))).status).toBe(403);
    expect(await status(link)).toBe(202);
  });

  it.each([{}, { ticketId: 'x' }, { ticketId: randomUUID(), email: 'nobody' }])('%j is refused', async (body) => {
    const answer = await revoke(body, await app.token('ops@example.com'));
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });
});
