import { randomUUID } from 'node:crypto';
import { BROWSER_COOKIE } from '@bellhop/contracts/http';
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

describe('a link and a code', () => {
  it('open the ticket, in a session that other services can read', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    const sent = app.neighbours.codes.find((one) => one.challengeId === challengeId);
    expect(sent).toMatchObject({ email: ticket.email, number: ticket.number, locale: 'pl' });
    expect(code).toMatch(/^\d{6}$/);
    const answer = await browser.verify(challengeId, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(answer).toMatchObject({ status: 200, body: { ticketId: ticket.ticketId } });
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session).toEqual({ email: ticket.email, ticketIds: [ticket.ticketId], expiresAt: expect.any(String) });
    const minutes = (Date.parse(session?.expiresAt ?? '') - Date.now()) / 60_000;
    expect(Math.round(minutes)).toBe(30);
  });

  it('sends the code to the address as typed, and every spelling is the same guest', async () => {
    const email = `Jana.${randomUUID().slice(0, 8)}@Example.com`;
    const { ticketId, link, number } = await app.ticket({ email });
    const browser = app.browser();
    const { body } = await browser.open(link);
    expect(app.neighbours.codes.at(-1)).toMatchObject({ challengeId: body.challengeId, email });
    await browser.verify(body.challengeId, await app.neighbours.codeOf(body.challengeId));
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.email).toBe(email.toLowerCase());
    // A link that was mailed to another spelling opens without a code.
    const again = await app.link(ticketId, email.toUpperCase());
    expect(await browser.open(again)).toMatchObject({ status: 200, body: { ticketId } });
    // A filing sends the code to the address as typed, too, and answers with the masked address.
    const asked = { purpose: 'filing', ticketId: randomUUID(), number, browser: 'b'.repeat(43) } as const;
    const filed = await app.ask('openChallenge', { ...asked, email });
    expect(app.neighbours.codes.at(-1)).toMatchObject({ challengeId: filed.challengeId, email });
    expect(filed.sentTo).toBe(body.sentTo);
  });

  it('the code of a link that was issued before addresses were stored as typed is sent to the normalised address', async () => {
    const { ticketId, link, email } = await app.ticket();
    await app.database.query('update links set sent_to = null where ticket_id = $1', [ticketId]);
    await app.browser().open(link);
    expect(app.neighbours.codes.at(-1)).toMatchObject({ email });
  });

  it('the answer has a masked address, which only its owner recognises, and the time of expiry', async () => {
    const ticket = await app.ticket({ email: `Jana.${randomUUID().slice(0, 8)}@Example.COM` });
    const { body } = await app.browser().open(ticket.link);
    expect(Object.keys(body).sort()).toEqual(['challengeId', 'expiresAt', 'sentTo']);
    expect(body.sentTo).toBe('j***@e***');
    expect(Math.round((Date.parse(body.expiresAt) - Date.now()) / 60_000)).toBe(10);
    const sent = app.neighbours.codes.find((one) => one.challengeId === body.challengeId);
    expect(sent?.expiresAt).toBe(body.expiresAt);
  });

  it('a browser without a cookie gets one that scripts cannot read, and keeps it', async () => {
    const ticket = await app.ticket();
    const browser = app.browser();
    const { headers } = await browser.open(ticket.link);
    const [cookie] = headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`^${BROWSER_COOKIE}=[\\w-]{43};`));
    for (const attribute of ['HttpOnly', 'Secure', 'Path=/', 'Max-Age=']) expect(cookie).toContain(attribute);
    expect((await browser.open(ticket.link)).headers.getSetCookie()).toEqual([]);
  });

  it('a new code takes the place of the old one in the same browser, and leaves that of another browser alone', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    const other = app.browser();
    const third = (await other.open(ticket.link)).body;
    const second = (await browser.open(ticket.link)).body;
    expect(await browser.verify(challengeId, code)).toMatchObject({ status: 410, body: { code: 'challenge_gone' } });
    expect((await browser.verify(second.challengeId, await app.neighbours.codeOf(second.challengeId))).status).toBe(
      200,
    );
    expect((await other.verify(third.challengeId, await app.neighbours.codeOf(third.challengeId))).status).toBe(200);
  });

  it('a right code is right under an id in capitals, and in the digits of another keyboard', async () => {
    const [capitals, wide] = [await app.codeSent(), await app.codeSent()];
    expect((await capitals.browser.verify(capitals.challengeId.toUpperCase(), capitals.code)).status).toBe(200);
    const code = wide.code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
    expect((await wide.browser.verify(wide.challengeId, code)).status).toBe(200);
  });

  it('a wrong code tells how many tries are left', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    expect(await browser.verify(challengeId, wrong(code))).toMatchObject({
      status: 422,
      body: { code: 'wrong_code', triesLeft: 4 },
    });
  });

  it('a code that ran out is gone', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    await app.database.query(`update challenges set expires_at = now() where id = $1`, [challengeId]);
    expect(await browser.verify(challengeId, code)).toMatchObject({ status: 410, body: { code: 'challenge_gone' } });
    expect(browser.session).toBeUndefined();
  });

  it('a right code is accepted also while no spending can be refunded', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    const refuse = `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`;
    await app.database.query(refuse);
    await app.database.query('create trigger refuse before delete on spendings for each row execute function refuse()');
    try {
      expect((await browser.verify(challengeId, code)).status).toBe(200);
    } finally {
      await app.database.query('drop trigger refuse on spendings');
    }
  });

  it('a spent code is gone', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    expect((await browser.verify(challengeId, code)).status).toBe(410);
  });

  it.each(['not-a-uuid', randomUUID(), '%00'])('there is no challenge %s', async (id) => {
    expect([404, 410]).toContain((await app.browser().verify(id, '123456')).status);
  });

  it.each([undefined, 123456, '12345', '1234567', 'abcdef', null, {}])(
    '%j is no code, and counts nothing',
    async (code) => {
      const { browser, challengeId } = await app.codeSent();
      const answer = await browser.verify(challengeId, code);
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path: 'code' }] } });
      const { rows } = await app.database.query('select tries from challenges where id = $1', [challengeId]);
      expect(rows).toEqual([{ tries: 0 }]);
    },
  );
});

describe('a second link of the same address', () => {
  it('needs no second code while the session lives', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    const [second, stranger] = [await app.ticket({ email: ticket.email.toUpperCase() }), await app.ticket()];
    const sent = app.neighbours.codes.length;
    expect(await browser.open(second.link)).toMatchObject({ status: 200, body: { ticketId: second.ticketId } });
    expect(await browser.open(second.link)).toMatchObject({ status: 200 });
    expect(app.neighbours.codes).toHaveLength(sent);
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.ticketIds).toEqual([ticket.ticketId, second.ticketId]);
    expect((await browser.open(stranger.link)).status).toBe(202);
  });

  it('needs one when the session is over', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    await app.database.query(`update sessions set seen_at = now() - interval '31 minutes' where email = $1`, [
      ticket.email,
    ]);
    const second = await app.ticket({ email: ticket.email });
    const { status, body } = await browser.open(second.link);
    expect(status).toBe(202);
    await browser.verify(body.challengeId, await app.neighbours.codeOf(body.challengeId));
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.ticketIds).toEqual([second.ticketId]);
  });

  it('adds to the session when it is verified by a code of its own', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    const second = await app.ticket({ email: ticket.email });
    const another = (await browser.open(second.link)).body;
    await browser.verify(challengeId, code);
    await browser.verify(another.challengeId, await app.neighbours.codeOf(another.challengeId));
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session?.ticketIds).toEqual([ticket.ticketId, second.ticketId]);
  });

  it('of another address ends the session of the first: one browser has one guest', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    const before = browser.session as string;
    const stranger = await app.ticket();
    const { body } = await browser.open(stranger.link);
    await browser.verify(body.challengeId, await app.neighbours.codeOf(body.challengeId));
    const session = await app.ask('readSession', { token: browser.session as string });
    expect(session).toMatchObject({ email: stranger.email, ticketIds: [stranger.ticketId] });
    expect(await app.ask('readSession', { token: before })).toBeNull();
  });
});

describe('filing', () => {
  it('a right code publishes that the address is proven, once', async () => {
    const [browser, email, ticketId] = [app.browser(), `f${randomUUID().slice(0, 8)}@example.com`, randomUUID()];
    await browser.send('DELETE', '/guest/session');
    const token = 'A'.repeat(43);
    browser.cookies.set(BROWSER_COOKIE, token);
    const opened = await app.ask('openChallenge', {
      ...{ purpose: 'filing', ticketId, email, number: 'ABC123', locale: 'de', browser: token },
      network: '198.51.100.0/24',
    });
    expect(opened.sentTo).toBe('f***@e***');
    const [code, key] = [await app.neighbours.codeOf(opened.challengeId), randomUUID()];
    expect((await browser.verify(opened.challengeId, wrong(code))).status).toBe(422);
    expect(await browser.verify(opened.challengeId, code, { key })).toMatchObject({ status: 200, body: { ticketId } });
    expect((await browser.verify(opened.challengeId, code, { key })).status).toBe(200);
    const proven = await waitFor(
      async () => {
        const events = (await app.proven()).filter((event) => event.ticketId === ticketId);
        return events.length > 0 && events;
      },
      { what: 'the event' },
    );
    expect(proven).toEqual([{ ticketId, challengeId: opened.challengeId }]);
    expect(await app.ask('readSession', { token: browser.session as string })).toMatchObject({ ticketIds: [ticketId] });
  });

  it('a link and its code prove nothing that was filed', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, code);
    const { rows } = await app.database.query(`select 1 from outbox where data::jsonb ->> 'subject' = $1`, [
      ticket.ticketId,
    ]);
    expect(rows).toEqual([]);
  });
});
