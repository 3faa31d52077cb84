import { MESSAGES_PER_PAGE, TIMELINE_ENTRIES_PER_PAGE } from '@bellhop/contracts/constants';
import { type TicketResponse, ticketResponse } from '@bellhop/contracts/http';
import { rowsRead } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { END } from '../src/tickets/conversation.js';
import { findPage } from '../src/tickets/conversation-page.js';
import { migratedDatabase } from './database.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
let agent: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  agent = await tickets.as('agent@example.com');
});
afterAll(() => tickets?.stop());

/** A ticket whose last version this is. Those of messages are told by `isMessage`; every third message is of an agent. */
async function filed(version: number, isMessage: string): Promise<string> {
  const { id } = (await ada.post('/tickets', { category: 'other', subject: 'S', body: 'Text 1' })).body;
  const { dataSource } = tickets.database;
  await dataSource.query(
    `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), ticket_id, v, kind, case when v % 3 = 0 then 'agent' else 'customer' end, author_id, 'Text ' || v, created_at
       from messages, generate_series(2, $2::integer) as v where ticket_id = $1 and ${isMessage}`,
    [id, version],
  );
  await dataSource.query(
    `insert into timeline_entries (ticket_id, version, type, by, at)
     select $1, v, 'assigned', 'agent', now() from generate_series(2, $2::integer) as v`,
    [id, version],
  );
  await dataSource.query('update tickets set version = $2 where id = $1', [id, version]);
  return id;
}

/** All pages, from the newest one back. */
async function pagesOf(id: string): Promise<TicketResponse[]> {
  const pages: TicketResponse[] = [];
  for (let earlier: string | null = ''; earlier !== null; ) {
    const { status, body } = await ada.get(`/tickets/${id}${earlier && `?before=${earlier}`}`);
    expect(status).toBe(200);
    pages.push(ticketResponse.strict().parse(body));
    earlier = body.earlier;
  }
  return pages;
}

describe('the page of a ticket', () => {
  it('has the newest messages, and all others before them, each once and with what happened meanwhile', async () => {
    const pages = await pagesOf(await filed(120, 'true'));
    expect(pages.map(({ messages, timeline }) => [messages.length, timeline.length])).toEqual([
      [50, 50],
      [50, 50],
      [20, 20],
    ]);
    const texts = pages.reverse().flatMap(({ messages }) => messages.map(({ body }) => body));
    expect(texts).toEqual(Array.from({ length: 120 }, (_, at) => `Text ${at + 1}`));
  });

  it.each([1, MESSAGES_PER_PAGE])('of %s messages is the only one', async (count) => {
    const [page, ...others] = await pagesOf(await filed(count, 'true'));
    expect(others).toEqual([]);
    expect(page).toMatchObject({ messages: { length: count }, earlier: null });
  });

  it('has a bounded timeline, also where nobody writes', async () => {
    const pages = await pagesOf(await filed(450, 'v = 100'));
    expect(pages.map(({ messages, timeline }) => [messages.length, timeline.length])).toEqual([
      [0, TIMELINE_ENTRIES_PER_PAGE],
      [1, TIMELINE_ENTRIES_PER_PAGE],
      [1, 50],
    ]);
  });

  it('has the files of its messages', async () => {
    const id = await filed(60, 'true');
    const attachmentIds = [(await ada.upload('a.txt', 'Hello')).body.id];
    await ada.post(`/tickets/${id}/messages`, { attachmentIds });
    const { messages } = (await ada.get(`/tickets/${id}`)).body;
    expect(messages.at(-1)).toMatchObject({ body: '', attachments: [{ id: attachmentIds[0] }] });
  });

  it('names the first message of an agent that is new, also on a page before', async () => {
    const id = await filed(120, 'true');
    await ada.put(`/tickets/${id}/seen`, { version: 4 });
    const pages = await pagesOf(id);
    const sixth = pages.at(-1)?.messages.find(({ body }) => body === 'Text 6');
    expect(sixth).toMatchObject({ author: 'agent' });
    for (const page of pages) {
      expect(page).toMatchObject({ firstUnreadMessageId: sixth?.id, ticket: { seenVersion: 4 } });
    }
    await ada.put(`/tickets/${id}/seen`);
    expect((await ada.get(`/tickets/${id}`)).body).toMatchObject({
      firstUnreadMessageId: null,
      ticket: { seenVersion: 120 },
    });
  });

  it('says whose turn it is', async () => {
    const id = await filed(1, 'true');
    const dueAt = '2099-01-01T00:00:00.000Z';
    await agent.post(`/desk/tickets/${id}/information-requests`, { body: 'Which?', dueAt });
    expect((await ada.get(`/tickets/${id}`)).body.ticket).toMatchObject({ isYourTurn: true, answerBy: dueAt });
    await ada.post(`/tickets/${id}/messages`, { body: 'This.' });
    expect((await ada.get(`/tickets/${id}`)).body.ticket).toMatchObject({ isYourTurn: false, answerBy: null });
  });

  it.each(['abc', 'MS4x', ''])('refuses the cursor %j', async (before) => {
    const id = await filed(1, 'true');
    expect((await ada.get(`/tickets/${id}?before=${before}`)).status).toBe(400);
  });
});

it('a page is found by its ticket, by a plan that is made once', async () => {
  const { dataSource, statements, stop } = await migratedDatabase();
  try {
    await dataSource.query(`insert into people (id, is_agent, changed_at) values ('ada', false, now())`);
    await dataSource.query(
      `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
       select gen_random_uuid(), 'N' || n, 'open', 'other', 'normal', 9, 1, 'S', 'ada', now(), now() from generate_series(1, 4000) n`,
    );
    await dataSource.query(
      `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
       select gen_random_uuid(), id, v, 'message', 'customer', 'ada', 'B', now() from tickets, generate_series(1, 9) v`,
    );
    await dataSource.query('analyze');
    const [{ id }] = await dataSource.query('select id from tickets limit 1');
    statements();
    await findPage(dataSource, { id, seenVersion: 1 }, END);
    const sql = statements()[0]?.sql;
    await dataSource.transaction(async (manager) => {
      await manager.query('set local plan_cache_mode = force_generic_plan');
      await manager.query(`prepare a_page (uuid, integer, integer) as ${sql}`);
      const { rows, where } = await rowsRead((text) => manager.query(text), `execute a_page('${id}', ${END}, 1)`, []);
      expect(rows > 30 ? where : 'few').toBe('few');
      await manager.query('deallocate a_page');
    });
  } finally {
    await stop();
  }
});
