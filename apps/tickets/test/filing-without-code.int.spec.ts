import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
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
const kept = () => all('select id from tickets');

describe('when certainly no challenge was requested', () => {
  it('because the budget is used up, the ticket goes away again: 429, and when to come back', async () => {
    const before = await tracesIn(tickets);
    tickets.guestAuth.mood = { refuses: 'over_budget', retryAfterSeconds: 417 };
    const key = randomUUID();
    const answer = await jana.post('/tickets', filing, { key });
    expect(answer).toMatchObject({ status: 429, body: { code: 'over_budget' } });
    expect(answer.headers.get('retry-after')).toBe('417');
    expect(await tracesIn(tickets)).toEqual(before);
    tickets.guestAuth.mood = 'answers';
    expect((await jana.post('/tickets', filing, { key })).status).toBe(201);
  });

  it('because nobody is there, too: 503, and the same key files it later', async () => {
    const before = await tracesIn(tickets);
    await tickets.guestAuth.leave();
    const key = randomUUID();
    const answer = await jana.post('/tickets', filing, { key });
    expect(answer).toMatchObject({ status: 503, body: { code: 'codes_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(await tracesIn(tickets)).toEqual(before);
    await tickets.guestAuth.arrive();
    expect((await jana.post('/tickets', filing, { key })).status).toBe(201);
  });

  it('an address that has another ticket is not forgotten with this one', async () => {
    await jana.post('/tickets', filing);
    tickets.guestAuth.mood = { refuses: 'over_budget' };
    expect((await jana.post('/tickets', filing)).status).toBe(429);
    expect(await kept()).toHaveLength(1);
  });

  it('many at once with one address leave nothing behind', async () => {
    const before = await tracesIn(tickets);
    tickets.guestAuth.mood = { refuses: 'over_budget' };
    const answers = await Promise.all(Array.from({ length: 30 }, () => jana.post('/tickets', filing)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
    expect(await tracesIn(tickets)).toEqual(before);
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
    expect(await kept()).toHaveLength(1);
    expect((await jana.post('/tickets', filing, { key })).body).toEqual(again.body);
  });

  it('nor when guest-auth fails in the middle of it', async () => {
    tickets.guestAuth.mood = { refuses: 'unavailable' };
    const key = randomUUID();
    expect((await jana.post('/tickets', filing, { key })).status).toBe(503);
    const [{ id }] = await all('select id from tickets');
    tickets.guestAuth.mood = 'answers';
    expect(await jana.post('/tickets', filing, { key })).toMatchObject({ status: 201, body: { id } });
    expect(await kept()).toHaveLength(1);
  });

  it('no connection of the database is held meanwhile: people with an account notice nothing', async () => {
    tickets.guestAuth.mood = 'silent';
    const ada = await tickets.as('ada@example.com');
    const before = tickets.guestAuth.challenges.length;
    const emails = Array.from({ length: 40 }, (_, n) => `guest-${n}@example.com`);
    const waiting = Promise.all(emails.map((email) => newBrowser(tickets).post('/tickets', filingOf(email))));
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
    expect(await kept()).toHaveLength(3);
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
    expect(await kept()).toHaveLength(10);
  });
});
