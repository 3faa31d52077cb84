import { randomUUID } from 'node:crypto';
import { fileTicketResponse } from '@bellhop/contracts/http';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let agent: Person;
/** One browser, which keeps its cookie. */
let jana: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  agent = await tickets.as('agent@example.com');
  jana = browser();
});
afterAll(() => tickets.stop());
afterEach(async () => {
  tickets.guestAuth.mood = 'answers';
  await all('delete from tickets');
  await all(`delete from people where kind = 'guest'`);
});

const browser = () => tickets.browser(`__Host-bellhop-browser=${randomUUID().replaceAll('-', '').padEnd(43, 'x')}`);
const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const filing = {
  category: 'trading',
  subject: 'Order stuck',
  body: 'Order 123 has been open since 9:15.',
  guest: { email: 'Jana@Example.COM', locale: 'pl' },
};
const filingOf = (email: string) => ({ ...filing, guest: { email } });
const what = () => all('select status, requester_id, requester_locale, requester_address from tickets');
const traces = async () =>
  (
    await all(`select (select count(*) from tickets)::int as tickets, (select count(*) from messages)::int as messages,
                      (select count(*) from guest_filings)::int as filings, (select count(*) from timeline_entries)::int as entries,
                      (select count(*) from outbox)::int as events, (select count(*) from people where kind = 'guest')::int as guests,
                      (select count(*) from idempotency_keys)::int as keys`)
  )[0];

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
    const before = await traces();
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
    expect(await traces()).toMatchObject({ events: before.events, entries: before.entries });
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
    expect((await browser().post('/tickets', filing, { key })).body.id).not.toBe(first.body.id);
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

describe('when certainly no challenge was requested', () => {
  it('because the budget is used up, the ticket goes away again: 429, and when to come back', async () => {
    const before = await traces();
    tickets.guestAuth.mood = { refuses: 'over_budget', retryAfterSeconds: 417 };
    const key = randomUUID();
    const answer = await jana.post('/tickets', filing, { key });
    expect(answer).toMatchObject({ status: 429, body: { code: 'over_budget' } });
    expect(answer.headers.get('retry-after')).toBe('417');
    expect(await traces()).toEqual(before);
    tickets.guestAuth.mood = 'answers';
    expect((await jana.post('/tickets', filing, { key })).status).toBe(201);
  });

  it('because nobody is there, too: 503, and the same key files it later', async () => {
    const before = await traces();
    await tickets.guestAuth.leave();
    const key = randomUUID();
    const answer = await jana.post('/tickets', filing, { key });
    expect(answer).toMatchObject({ status: 503, body: { code: 'codes_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(await traces()).toEqual(before);
    tickets.guestAuth.arrive();
    expect((await jana.post('/tickets', filing, { key })).status).toBe(201);
  });

  it('an address that has another ticket is not forgotten with this one', async () => {
    await jana.post('/tickets', filing);
    tickets.guestAuth.mood = { refuses: 'over_budget' };
    expect((await jana.post('/tickets', filing)).status).toBe(429);
    expect(await what()).toHaveLength(1);
  });

  it('many at once with one address leave nothing behind', async () => {
    const before = await traces();
    tickets.guestAuth.mood = { refuses: 'over_budget' };
    const answers = await Promise.all(Array.from({ length: 30 }, () => jana.post('/tickets', filing)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
    expect(await traces()).toEqual(before);
  });
});

describe('when nobody knows whether the question was heard', () => {
  it('the ticket stays, and a repetition goes on with it: never a second one', async () => {
    tickets.guestAuth.mood = 'silent';
    const key = randomUUID();
    const answer = await jana.post('/tickets', filing, { key });
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect(answer.body.detail).toContain('same Idempotency-Key');
    const heard = tickets.guestAuth.challenges.at(-1);
    tickets.guestAuth.mood = 'answers';
    const again = await jana.post('/tickets', filing, { key });
    expect(again).toMatchObject({ status: 201, body: { id: heard?.ticketId, number: heard?.number } });
    expect(again.body.challengeId).toBe(tickets.guestAuth.challenges.at(-1)?.challengeId);
    expect(await what()).toHaveLength(1);
    expect((await jana.post('/tickets', filing, { key })).body).toEqual(again.body);
  });

  it('nor when guest-auth fails in the middle of it', async () => {
    tickets.guestAuth.mood = { refuses: 'unavailable' };
    const key = randomUUID();
    expect((await jana.post('/tickets', filing, { key })).status).toBe(503);
    const [{ id }] = await all('select id from tickets');
    tickets.guestAuth.mood = 'answers';
    expect(await jana.post('/tickets', filing, { key })).toMatchObject({ status: 201, body: { id } });
    expect(await what()).toHaveLength(1);
  });

  it('no connection of the database is held meanwhile: people with an account notice nothing', async () => {
    tickets.guestAuth.mood = 'silent';
    const ada = await tickets.as('ada@example.com');
    const before = tickets.guestAuth.challenges.length;
    const emails = Array.from({ length: 40 }, (_, n) => `guest-${n}@example.com`);
    const waiting = Promise.all(emails.map((email) => browser().post('/tickets', filingOf(email))));
    // More than there are connections are waiting for an answer now.
    await waitFor(() => tickets.guestAuth.challenges.length === before + 40, { what: 'all to have asked' });
    const { guest: _, ...own } = filing;
    const startedAt = performance.now();
    expect((await ada.post('/tickets', own)).status).toBe(201);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(new Set((await waiting).map(({ status }) => status))).toEqual(new Set([503]));
  });
});

describe('S1 a form as a mail bomb', () => {
  it('of 1,000 forms with one address leaves what guest-auth lets through, shows agents nothing, and sends no word on', async () => {
    const canary = `canary${randomUUID().replaceAll('-', '')}`;
    const form = { ...filingOf('victim@example.com'), subject: canary, body: canary };
    const before = tickets.guestAuth.challenges.length;
    const statuses: Record<number, number> = {};
    const send = async (forms: number) => {
      const answers = await Promise.all(Array.from({ length: forms }, () => tickets.nobody.post('/tickets', form)));
      for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    };
    await send(3);
    tickets.guestAuth.mood = { refuses: 'over_budget', retryAfterSeconds: 900 };
    for (let sent = 3; sent < 1_000; sent += 50) await send(Math.min(50, 1_000 - sent));
    expect(statuses).toEqual({ 201: 3, 429: 997 });
    expect(await what()).toHaveLength(3);
    const heard = [tickets.guestAuth.challenges.slice(before), await all('select data from outbox')];
    expect(JSON.stringify(heard)).not.toContain(canary);
    expect(JSON.stringify((await agent.get('/desk/tickets?limit=100')).body)).not.toContain(canary);
  });

  it('writes nothing for a form that is over budget, not even for a moment, and a filing that was let in is repeated', async () => {
    const key = randomUUID();
    const filed = await jana.post('/tickets', filing, { key });
    expect(filed.status).toBe(201);
    await all('create table writings (of text)');
    await all(`create function note_writing() returns trigger language plpgsql as
               $$ begin insert into writings values (tg_table_name); return null; end $$`);
    for (const table of ['tickets', 'people', 'messages', 'idempotency_keys']) {
      await all(
        `create trigger writing after insert or update or delete on ${table} for each row execute function note_writing()`,
      );
    }
    try {
      tickets.guestAuth.mood = { refuses: 'over_budget', retryAfterSeconds: 900 };
      const asked = tickets.guestAuth.challenges.length;
      const refused = await jana.post('/tickets', filingOf('other@example.com'));
      expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
        429,
        'over_budget',
        '900',
      ]);
      expect(await all('select * from writings')).toEqual([]);
      expect(tickets.guestAuth.challenges).toHaveLength(asked);
      expect(await jana.post('/tickets', filing, { key })).toMatchObject({ status: 201, body: filed.body });
      expect((await jana.post('/tickets', filingOf('x@example.com'), { key })).status).toBe(422);
    } finally {
      await all('drop function note_writing cascade');
      await all('drop table writings');
    }
  });

  it('leaves a bounded number of tickets also while guest-auth says neither yes nor no', async () => {
    tickets.guestAuth.mood = { refuses: 'failed' };
    const statuses: number[] = [];
    for (let n = 0; n < 14; n++) statuses.push((await jana.post('/tickets', filing)).status);
    expect(statuses).toEqual([...Array(10).fill(503), ...Array(4).fill(429)]);
    expect(await what()).toHaveLength(10);
  });
});
