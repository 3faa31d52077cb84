import { deskTicketResponse, listDeskTicketsResponse, listTicketsResponse } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
let jan: Person;
let agent: Person;
let lead: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  jan = await tickets.as('jan@example.com');
  agent = await tickets.as('agent@example.com');
  lead = await tickets.as('lead@example.com');
  await lead.get('/desk/tickets');
});
afterAll(() => tickets.stop());

const filing = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };

async function filed(by: Person = ada): Promise<{ id: string; mine: string; desk: string }> {
  const { id } = (await by.post('/tickets', filing)).body;
  return { id, mine: `/tickets/${id}`, desk: `/desk/tickets/${id}` };
}

describe('lists', () => {
  it('show a customer their own tickets, newest activity first, open and closed apart', async () => {
    const [first, second, third] = [await filed(jan), await filed(jan), await filed(jan)];
    await jan.post(`${second.mine}/closing`);
    await agent.post(`${first.desk}/replies`, { body: 'Hello' });
    const ids = async (query: string) => {
      const page = listTicketsResponse.strict().parse((await jan.get(`/tickets${query}`)).body);
      return page.items.map((item) => item.id);
    };
    expect(await ids('')).toEqual([first.id, second.id, third.id]);
    expect(await ids('?status=open')).toEqual([first.id, third.id]);
    expect(await ids('?status=closed')).toEqual([second.id]);
  });

  it('are read page by page', async () => {
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await jan.get(`/tickets?limit=2${next && `&cursor=${next}`}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      next = body.next;
    }
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
  });

  it('say whose turn it is, by when, and what is new', async () => {
    const { id, mine, desk } = await filed();
    const listed = async () => {
      const { items } = listTicketsResponse.strict().parse((await ada.get('/tickets?status=open&limit=100')).body);
      return items.find((item) => item.id === id);
    };
    const lastMessage = { by: 'customer', excerpt: filing.body };
    expect(await listed()).toMatchObject({ isYourTurn: false, answerBy: null, unread: 0, lastMessage });
    const neededBy = new Date(Date.now() + 86_400_000).toISOString();
    await agent.post(`${desk}/information-requests`, { body: 'Which?', dueAt: '2099-01-01T00:00:00Z' });
    await agent.post(`${desk}/information-requests`, { body: 'Which\naccount?', dueAt: neededBy });
    const question = { by: 'agent', excerpt: 'Which account?' };
    expect(await listed()).toMatchObject({ isYourTurn: true, answerBy: neededBy, unread: 2, lastMessage: question });
    await ada.put(`${mine}/seen`);
    expect(await listed()).toMatchObject({ isYourTurn: true, unread: 0 });
    await ada.post(`${mine}/messages`, { body: 'The second one.' });
    expect(await listed()).toMatchObject({ isYourTurn: false, answerBy: null, unread: 0 });
  });

  it('are searched in the requester’s own tickets only, notes left out', async () => {
    const { id, desk } = await filed();
    await agent.post(`${desk}/notes`, { body: 'Xylophone' });
    await agent.post(`${desk}/replies`, { body: 'Your zeppelin is on its way' });
    const found = async (by: Person, q: string) =>
      (await by.get(`/tickets?q=${encodeURIComponent(q)}`)).body.items.map((item: { id: string }) => item.id);
    expect(await found(ada, 'zeppelin WAY stuck')).toEqual([id]);
    expect(await found(ada, 'xylophone')).toEqual([]);
    expect(await found(jan, 'zeppelin')).toEqual([]);
  });

  it('at the desk are filtered by status, category and assignee', async () => {
    const { id, desk } = await filed(jan);
    await agent.post(`${desk}/assignment`, { agent: 'agent@example.com' });
    await agent.post(`${desk}/information-requests`, { body: 'Which?' });
    const found = async (query: string, by: Person = agent) => {
      const { body } = await by.get(`/desk/tickets?limit=100&${query}`);
      return listDeskTicketsResponse
        .strict()
        .parse(body)
        .items.some((item) => item.id === id);
    };
    expect(await found('')).toBe(true);
    expect(await found('status=waiting&category=trading&assignee=me')).toBe(true);
    expect(await found('assignee=AGENT@example.com')).toBe(true);
    expect(await found('status=open')).toBe(false);
    expect(await found('category=other')).toBe(false);
    expect(await found('assignee=none')).toBe(false);
    expect(await found('assignee=me', lead)).toBe(false);
  });

  it('refuse invalid queries', async () => {
    const nonsense = [
      'status=unknown',
      'cursor=abc',
      'cursor=',
      'limit=0',
      'q=',
      `q=${'x'.repeat(101)}`,
      'q=%00',
      'limit=1e9',
      'cursor=a&cursor=b',
      'status=open&status=closed',
    ];
    for (const query of nonsense) expect([query, (await ada.get(`/tickets?${query}`)).status]).toEqual([query, 400]);
  });
});

describe('the desk', () => {
  it('shows an agent everything of a ticket, notes included', async () => {
    const { desk } = await filed();
    const note = await agent.post(`${desk}/notes`, { body: 'He called, too.' });
    expect(note).toMatchObject({ status: 201, body: { author: 'agent@example.com', body: 'He called, too.' } });
    const { ticket, notes, messages } = deskTicketResponse.strict().parse((await lead.get(desk)).body);
    expect(ticket).toMatchObject({ requester: { kind: 'user', email: 'ada@example.com' }, assignee: null, version: 1 });
    expect(notes).toEqual([note.body]);
    expect(messages).toHaveLength(1);
  });
});
