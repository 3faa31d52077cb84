import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type GuestTicket, type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth({ MAILS_PER_NETWORK: '50' });
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.forgetSpendings();
  await app.neighbours.notifier('answers');
  await app.neighbours.ticketsService('answers');
});

const lost = ({ number, email }: Pick<GuestTicket, 'number' | 'email'>) => ({ number, email });
const request = (body: unknown, more = {}) => app.browser().send('POST', '/guest/links', body, more);
const mailsFor = (ticketId: string) => app.neighbours.freshLinks.filter((mail) => mail.ticketId === ticketId);
const settled = () =>
  waitFor(async () => (await app.database.query('select from link_requests')).rowCount === 0, {
    timeoutMs: 20_000,
    what: 'every request to be settled',
  });

describe('a guest who has lost the mail', () => {
  it('is mailed a fresh link, in their language, by the notifier', async () => {
    const ticket = await app.ticket();
    expect(await request(lost(ticket))).toMatchObject({ status: 202, body: {} });
    await settled();
    const { ticketId, email, number } = ticket;
    expect(mailsFor(ticketId)).toEqual([{ requestId: expect.any(String), ticketId, email, number, locale: 'pl' }]);
  });

  it('may write the address as people do', async () => {
    const ticket = await app.ticket();
    await request({ number: ticket.number, email: `  ${ticket.email.toUpperCase()} ` });
    await settled();
    expect(app.neighbours.searches.at(-1)).toEqual({ number: ticket.number, email: ticket.email });
    expect(mailsFor(ticket.ticketId)).toHaveLength(1);
  });

  it('is mailed at the address that was proven: to a strict mail server, other capitals may be somebody else', async () => {
    const ticket = await app.ticket({ email: `Jana.${randomUUID().slice(0, 8)}@Example.com` });
    for (const email of [ticket.email.toLowerCase(), ticket.email.toUpperCase()]) {
      await request({ number: ticket.number, email });
    }
    await settled();
    expect(mailsFor(ticket.ticketId).map(({ email }) => email)).toEqual([ticket.email, ticket.email]);
  });

  it('gets a link that works, also before any event of the ticket has arrived', async () => {
    const [ticketId, number, email] = [randomUUID(), 'EARLY1', `e${randomUUID().slice(0, 8)}@example.com`];
    app.neighbours.tickets.set(`${number} ${email}`, { ticketId });
    await request({ number, email });
    await settled();
    expect((await app.browser().open(await app.link(ticketId, email))).status).toBe(202);
    expect(app.neighbours.codes.at(-1)).toMatchObject({ number, email });
  });

  it('gets none to a ticket that has been closed for so long that it would not work', async () => {
    const ticket = await app.ticket();
    await app.tell('ticket.closed.v1', {
      ticketId: ticket.ticketId,
      version: 3,
      time: new Date(Date.now() - 31 * DAY_MS),
    });
    await request(lost(ticket));
    await settled();
    expect(mailsFor(ticket.ticketId)).toEqual([]);
  });

  it('gets one mail for one request that is sent twice', async () => {
    const [ticket, browser, key] = [await app.ticket(), app.browser(), randomUUID()];
    const send = (body: unknown) => browser.send('POST', '/guest/links', body, { key });
    expect([(await send(lost(ticket))).status, (await send(lost(ticket))).status]).toEqual([202, 202]);
    expect(await send({ ...lost(ticket), number: 'OTHER1' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    await settled();
    expect(mailsFor(ticket.ticketId)).toHaveLength(1);
  });

  it('gets the same answer for the same key, also if that request has exhausted the budget', async () => {
    const [ticket, browser] = [await app.ticket(), app.browser()];
    const send = (key: string, body: unknown = lost(ticket)) => browser.send('POST', '/guest/links', body, { key });
    const keys = [randomUUID(), randomUUID(), randomUUID()] as const;
    for (const key of keys) expect((await send(key)).status).toBe(202);
    expect((await send(randomUUID())).status).toBe(429);
    const again = await send(keys[2]);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    expect((await send(keys[2], { ...lost(ticket), number: 'OTHER1' })).status).toBe(422);
    await settled();
    expect(mailsFor(ticket.ticketId)).toHaveLength(3);
  });

  it.each([
    [{ email: 'a@example.com' }, 'number'],
    [{ number: 'ABC123' }, 'email'],
    [{ number: 'ABC 123', email: 'a@example.com' }, 'number'],
    [{ number: 'ABC123', email: 'a@example.com\r\nBcc: b@example.com' }, 'email'],
    [{ number: 'ABC123', email: 'Jana <a@example.com>' }, 'email'],
    [{ number: 'ABC123', email: 'a@example.com,b@example.com' }, 'email'],
    [{ number: 'ABC123', email: ['a@example.com'] }, 'email'],
  ])('S13 %j is told what is wrong with %s', async (body, path) => {
    expect(await request(body)).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path }] } });
  });
});

describe('S4 whoever does not know whether a ticket or an address exists', () => {
  const stable = ({ status, body, headers }: Awaited<ReturnType<typeof request>>) => {
    const shown = Object.fromEntries(headers);
    for (const name of ['date', 'set-cookie', 'keep-alive', 'retry-after']) delete shown[name];
    return { status, body, shown };
  };
  /** When a budget is full again, in milliseconds: it is told in whole seconds from now, so that the clock moves it between two requests. */
  const fullAgainAt = ({ headers }: Awaited<ReturnType<typeof request>>) =>
    Date.now() + Number(headers.get('retry-after') ?? 0) * 1_000;

  it('S4 learns nothing: known and unknown are answered alike, byte for byte, also over budget', async () => {
    const ticket = await app.ticket();
    const unknown = { number: 'NOSUCH', email: `n${randomUUID().slice(0, 8)}@example.com` };
    const wrongAddress = { number: ticket.number, email: `w${randomUUID().slice(0, 8)}@example.com` };
    for (let round = 0; round < 4; round += 1) {
      const known = await request(lost(ticket));
      const knownAt = fullAgainAt(known);
      expect(known.status).toBe(round < 3 ? 202 : 429);
      for (const body of [unknown, wrongAddress]) {
        const other = await request(body);
        expect(stable(other)).toEqual(stable(known));
        if (round === 3) expect(Math.abs(fullAgainAt(other) - knownAt)).toBeLessThan(10_000);
      }
    }
    await settled();
    expect(mailsFor(ticket.ticketId)).toHaveLength(3);
  });

  it('S4 finds none by trying numbers: 10,000 of them bring no hit, and soon no search', async () => {
    const ticket = await app.ticket();
    const before = app.neighbours.searches.length;
    const thief = app.browser('198.51.100.7');
    const statuses = new Map<number, number>();
    for (let batch = 0; batch < 500; batch += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          thief.send('POST', '/guest/links', {
            number: (batch * 20 + index).toString(36).toUpperCase().padStart(6, '0'),
            email: ticket.email,
          }),
        ),
      );
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 202: 3, 429: 9_997 });
    await settled();
    expect(app.neighbours.searches.length - before).toBe(3);
    expect(mailsFor(ticket.ticketId)).toEqual([]);
  });
});

describe('work after the answer', () => {
  it('waits for a service that is unavailable, and for a database that fails', async () => {
    const ticket = await app.ticket();
    await app.neighbours.ticketsService('away');
    expect((await request(lost(ticket))).status).toBe(202);
    await waitFor(async () => (await app.database.query('select from link_requests where tries > 0')).rowCount === 1);
    await app.neighbours.notifier('refuses');
    await app.neighbours.ticketsService('answers');
    await app.database.query('update link_requests set due_at = now()');
    await waitFor(() => mailsFor(ticket.ticketId).length > 0, { what: 'the notifier to refuse' });
    await app.neighbours.notifier('answers');
    await app.database.query('update link_requests set due_at = now()');
    await settled();
    // Requested again under the same id, by which the notifier recognises it.
    const ids = mailsFor(ticket.ticketId).map(({ requestId }) => requestId);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });

  it('is dropped when nobody waits for it any more, and not before', async () => {
    const ticket = await app.ticket();
    await app.neighbours.ticketsService('away');
    await request(lost(ticket));
    await app.database.query(
      `update link_requests set asked_at = now() - interval '15 minutes 1 second', due_at = now()`,
    );
    await settled();
    const metrics = await (await fetch(`${app.opsUrl}/metrics`)).text();
    expect(metrics).toMatch(/bellhop_guest_fresh_links_total\{[^}]*outcome="given_up"[^}]*\} 1/);
  });

  it('is continued by another replica when the process that answered ends', async () => {
    const ticket = await app.ticket();
    await app.neighbours.ticketsService('away');
    const other = await app.replica();
    const { status } = await app.browser().at(other.url).send('POST', '/guest/links', lost(ticket));
    expect(status).toBe(202);
    await other.stop();
    await app.neighbours.ticketsService('answers');
    await app.database.query('update link_requests set due_at = now()');
    await settled();
    expect(mailsFor(ticket.ticketId)).toHaveLength(1);
  });
});
