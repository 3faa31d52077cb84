import { randomUUID } from 'node:crypto';
import { fileTicketResponse } from '@bellhop/contracts/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { filing, filingOf, forgetFilings, newBrowser, tracesIn } from './guest-filings.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let agent: Person;
/** One browser, which keeps its cookie. */
let jana: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  agent = await tickets.as('agent@example.com');
  jana = newBrowser(tickets);
});
afterAll(() => tickets.stop());
afterEach(() => forgetFilings(tickets));

const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const what = () => all('select status, requester_id, requester_locale, requester_address from tickets');

describe('a guest who files a ticket', () => {
  it('gets its number and a challenge; guest-auth hears who, which ticket, which browser and network, and no word', async () => {
    const answer = await jana.post('/tickets', filing);
    expect(answer.status).toBe(201);
    const { id, number, status, challengeId } = fileTicketResponse.strict().parse(answer.body);
    expect(status).toBe('unverified');
    const asked = tickets.guestAuth.challenges.at(-1);
    expect(asked).toEqual({
      purpose: 'filing',
      ticketId: id,
      email: 'Jana@Example.COM',
      number,
      locale: 'pl',
      browser: expect.stringMatching(/^[\w-]{43}$/),
      network: '127.0.0.1/32',
      challengeId,
    });
    expect(await what()).toEqual([
      {
        status: 'unverified',
        requester_id: 'guest:jana@example.com',
        requester_locale: 'pl',
        requester_address: 'Jana@Example.COM',
      },
    ]);
  });

  it('without a browser cookie is given one, which the challenge is bound to', async () => {
    const answer = await tickets.nobody.post('/tickets', filing);
    const [, token] =
      /^__Host-bellhop-browser=([\w-]{43});.*HttpOnly/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
    expect(tickets.guestAuth.challenges.at(-1)?.browser).toBe(token);
  });

  it('is one guest, however the address is spelled', async () => {
    for (const email of ['jana@example.com', ' JANA@EXAMPLE.com ', 'Jana@example.COM']) {
      expect((await jana.post('/tickets', filingOf(email))).status).toBe(201);
    }
    expect(await all(`select id, email from people where kind = 'guest'`)).toEqual([
      { id: 'guest:jana@example.com', email: 'jana@example.com' },
    ]);
    // And each ticket is proven and told of at the address that it was filed with.
    const sentTo = ['jana@example.com', 'JANA@EXAMPLE.com', 'Jana@example.COM'];
    expect(tickets.guestAuth.challenges.slice(-3).map(({ email }) => email)).toEqual(sentTo);
    expect(
      (await all('select requester_address as at from tickets order by created_at')).map(
        ({ at }: { at: string }) => at,
      ),
    ).toEqual(sentTo);
  });

  it('is seen by no agent, and makes no event and no entry of the timeline', async () => {
    const before = await tracesIn(tickets);
    const { id } = (await jana.post('/tickets', filing)).body;
    const { items } = (await agent.get('/desk/tickets?limit=100')).body;
    expect(items.map((item: { id: string }) => item.id)).not.toContain(id);
    for (const query of ['status=unverified', 'category=trading', 'assignee=none']) {
      expect((await agent.get(`/desk/tickets?${query}`)).body.items).toEqual([]);
    }
    const unseen = [
      await agent.get(`/desk/tickets/${id}`),
      await agent.post(`/desk/tickets/${id}/replies`, { body: 'Hello' }),
      await agent.post(`/desk/tickets/${id}/notes`, { body: 'Hello' }),
      await agent.post(`/desk/tickets/${id}/assignment`, { agent: 'agent@example.com' }),
      await agent.post(`/desk/tickets/${id}/closing`),
      await agent.get(`/tickets/${id}`),
    ];
    expect(unseen.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect(await tracesIn(tickets)).toMatchObject({ events: before.events, entries: before.entries });
  });

  it('and is signed in has to choose; with neither token nor address is told what to send', async () => {
    const ada = await tickets.as('ada@example.com');
    const both = await ada.post('/tickets', filing);
    expect(both).toMatchObject({ status: 422, body: { code: 'guest_when_signed_in', errors: [{ path: 'guest' }] } });
    const { guest: _, ...neither } = filing;
    const { cookie } = tickets.guestAuth.session('jana@example.com', []);
    for (const person of [jana, tickets.browser(cookie)]) {
      const answer = await person.post('/tickets', neither);
      expect(answer).toMatchObject({ status: 401, body: { code: 'sign_in_required', errors: [{ path: 'guest' }] } });
    }
    const broken = await jana.post('/tickets', filing, { headers: { authorization: 'Bearer broken' } });
    expect(broken).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(await what()).toEqual([]);
  });

  it.each([
    'jana',
    'jana@localhost',
    'jana@example.com, eve@example.com',
    'Jana <jana@example.com>',
    'jana@example.com\r\nBcc: eve@example.com',
    'a:jana@example.com;',
    `${'j'.repeat(65)}@example.com`,
    ['jana@example.com'],
    null,
  ])('S13 cannot use %j as an address, and is told which field it is', async (email) => {
    const answer = await jana.post('/tickets', { ...filing, guest: { email } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'guest.email' }] } });
    expect(await what()).toEqual([]);
  });

  it('has the key for their own browser: another that chooses the same one files a ticket of its own', async () => {
    const key = randomUUID();
    const [first, again] = [await jana.post('/tickets', filing, { key }), await jana.post('/tickets', filing, { key })];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await newBrowser(tickets).post('/tickets', filing, { key })).body.id).not.toBe(first.body.id);
    const other = await jana.post('/tickets', { ...filing, body: 'Another.' }, { key });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });
});

describe('a guest who has a session', () => {
  const cookie = (token: string) => `__Host-bellhop-browser=${token.repeat(43)}`;

  it('gets the same answer to a filing that began before the session did: never a second ticket', async () => {
    const key = randomUUID();
    const first = await tickets.browser(cookie('s')).post('/tickets', filing, { key });
    const session = tickets.guestAuth.session('jana@example.com', [first.body.id]);
    const again = await tickets.browser(`${cookie('s')}; ${session.cookie}`).post('/tickets', filing, { key });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(await what()).toHaveLength(1);
  });

  it('goes on with no filing of another browser, where its code would not work', async () => {
    const session = tickets.guestAuth.session('jana@example.com', []);
    const key = randomUUID();
    const [here, there] = [cookie('h'), cookie('t')].map((one) => tickets.browser(`${one}; ${session.cookie}`));
    const first = await here?.post('/tickets', filing, { key });
    expect((await there?.post('/tickets', filing, { key }))?.body.id).not.toBe(first?.body.id);
  });
});

describe('S33 a filing that is sent twice', () => {
  it('at once is one ticket and one challenge request; the second client is told to repeat it', async () => {
    const key = randomUUID();
    const before = tickets.guestAuth.challenges.length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => jana.post('/tickets', filing, { key })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([]);
    const last = await jana.post('/tickets', filing, { key });
    const filed = answers.filter(({ status }) => status === 201);
    for (const { body } of filed) expect(body).toEqual(last.body);
    expect(tickets.guestAuth.challenges.length).toBe(before + 1);
    expect(await what()).toHaveLength(1);
  });
});

describe('when the code expired before it was typed', () => {
  it('a repeated request has one new code sent for the same ticket', async () => {
    const key = randomUUID();
    const first = (await jana.post('/tickets', filing, { key })).body;
    const before = tickets.guestAuth.challenges.length;
    await all(`update guest_filings set leased_until = now() where ticket_id = $1`, [first.id]);
    const again = await jana.post('/tickets', filing, { key });
    expect(again).toMatchObject({ status: 201, body: { id: first.id, number: first.number } });
    expect(again.body.challengeId).toBe(tickets.guestAuth.challenges.at(-1)?.challengeId);
    expect(again.body.challengeId).not.toBe(first.challengeId);
    expect((await jana.post('/tickets', filing, { key })).body).toEqual(again.body);
    expect(tickets.guestAuth.challenges.length).toBe(before + 1);
    expect(await what()).toHaveLength(1);
  });

  it('but not for a ticket whose address is proven: that is the same answer for ever', async () => {
    const key = randomUUID();
    const first = (await jana.post('/tickets', filing, { key })).body;
    await all(`update guest_filings set leased_until = now() where ticket_id = $1`, [first.id]);
    await all(`update tickets set status = 'open' where id = $1`, [first.id]);
    expect((await jana.post('/tickets', filing, { key })).body).toEqual(first);
  });
});
