import { deskTicketResponse, fileTicketResponse, messageView, ticketResponse } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let ada: Person;
let agent: Person;
let lead: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  agent = await tickets.as('agent@example.com');
  lead = await tickets.as('lead@example.com');
  await lead.get('/desk/tickets');
});
afterAll(() => tickets.stop());

const filing = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };

async function filed(): Promise<{ id: string; mine: string; desk: string }> {
  const { id } = (await ada.post('/tickets', filing)).body;
  return { id, mine: `/tickets/${id}`, desk: `/desk/tickets/${id}` };
}

const told = async (id: string, count: number) =>
  (await tickets.events(id, count)).map(
    ({ type, data }) => `${type.split('.')[1]} ${data.ticket.version} ${data.ticket.status}`,
  );

describe('a customer who files a ticket', () => {
  it('gets its number and finds the first message in it', async () => {
    const answer = await ada.post('/tickets', filing);
    expect(answer.status).toBe(201);
    const { id, number, status } = fileTicketResponse.strict().parse(answer.body);
    expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/);
    expect(status).toBe('open');
    const { ticket, messages, timeline } = ticketResponse.strict().parse((await ada.get(`/tickets/${id}`)).body);
    expect(ticket).toMatchObject({
      number,
      subject: 'Order stuck',
      category: 'trading',
      priority: 'normal',
      version: 1,
    });
    expect(messages).toMatchObject([{ author: 'customer', kind: 'message', body: filing.body }]);
    expect(timeline).toMatchObject([{ type: 'created', by: 'customer' }]);
  });

  it('publishes one event with actor and category, without any text', async () => {
    const { id } = await filed();
    const [event] = await tickets.events(id, 1);
    expect(event).toMatchObject({
      specversion: '1.0',
      source: 'urn:bellhop:tickets',
      type: 'ticket.created.v1',
      subject: id,
      data: {
        ticket: { id, status: 'open', category: 'trading', priority: 'normal', version: 1 },
        requester: { kind: 'user', email: 'ada@example.com', locale: 'en' },
        actor: { kind: 'customer', id: event?.data.requester.kind === 'user' && event.data.requester.id },
      },
    });
    expect(event?.data).not.toHaveProperty('assignee');
    expect(JSON.stringify(event)).not.toMatch(/stuck|9:15/);
  });
});

describe('a conversation', () => {
  it('goes from question to answer to solution, with an event for each step', async () => {
    const { id, mine, desk } = await filed();
    expect(await agent.post(`${desk}/replies`, { body: 'We look into it.' })).toMatchObject({ status: 201 });
    const dueAt = new Date(Date.now() + 86_400_000).toISOString();
    const asked = await agent.post(`${desk}/information-requests`, { body: 'Which account?', dueAt });
    expect(messageView.strict().parse(asked.body)).toMatchObject({ author: 'agent', kind: 'information_request' });
    expect((await ada.get(mine)).body.ticket.status).toBe('waiting');
    expect(await ada.post(`${mine}/messages`, { body: 'The second one.' })).toMatchObject({ status: 201 });
    const solved = await agent.post(`${desk}/resolution`, { body: 'Done.' });
    expect(solved).toMatchObject({ status: 200, body: { status: 'resolved', version: 5 } });
    expect(await ada.post(`${mine}/messages`, { body: 'It is not.' })).toMatchObject({ status: 201 });
    expect(await ada.post(`${mine}/closing`)).toMatchObject({ status: 200, body: { status: 'closed' } });
    expect(await agent.post(`${desk}/reopening`)).toMatchObject({ status: 200, body: { status: 'open' } });
    expect(await told(id, 9)).toEqual([
      'created 1 open',
      'replied 2 open',
      'information_requested 3 waiting',
      'customer_replied 4 open',
      'resolved 5 resolved',
      'reopened 6 open',
      'customer_replied 7 open',
      'closed 8 closed',
      'reopened 9 open',
    ]);
    const events = await tickets.events(id, 9);
    expect(events[2]?.data).toMatchObject({ dueAt, message: { id: asked.body.id }, actor: { kind: 'agent' } });
    const { messages, timeline } = (await ada.get(mine)).body;
    const bodies = messages.map((message: { body: string }) => message.body);
    expect(bodies).toEqual([
      filing.body,
      'We look into it.',
      'Which account?',
      'The second one.',
      'Done.',
      'It is not.',
    ]);
    expect(timeline).toHaveLength(9);
  });

  it('that is closed says how to go on', async () => {
    const { mine, desk } = await filed();
    await ada.post(`${mine}/closing`);
    const refused = { status: 409, body: { code: 'ticket_closed', detail: expect.stringContaining('reopening') } };
    expect(await ada.post(`${mine}/messages`, { body: 'One more thing' })).toMatchObject(refused);
    expect(await agent.post(`${desk}/replies`, { body: 'One more thing' })).toMatchObject(refused);
    expect(await ada.post(`${mine}/reopening`)).toMatchObject({ status: 200, body: { status: 'open' } });
    expect(await ada.post(`${mine}/messages`, { body: 'One more thing' })).toMatchObject({ status: 201 });
  });

  it('cannot request an answer by yesterday', async () => {
    const { desk } = await filed();
    const question = { body: 'Which account?', dueAt: '2020-01-01T00:00:00Z' };
    const answer = await agent.post(`${desk}/information-requests`, question);
    expect(answer).toMatchObject({ status: 422, body: { code: 'due_in_the_past' } });
  });

  it('is resolved without a text, too, and twice does no harm', async () => {
    const { id, desk } = await filed();
    expect(await agent.post(`${desk}/resolution`)).toMatchObject({ status: 200, body: { status: 'resolved' } });
    expect(await lead.post(`${desk}/resolution`)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await told(id, 2)).toHaveLength(2);
  });
});

describe('assigning', () => {
  it('publishes one event, and later events carry the assignee', async () => {
    const { id, desk } = await filed();
    const answer = await agent.post(`${desk}/assignment`, { agent: 'LEAD@example.com' });
    expect(answer).toMatchObject({ status: 200, body: { assignee: { email: 'lead@example.com' } } });
    expect(await agent.post(`${desk}/assignment`, { agent: 'lead@example.com' })).toMatchObject({
      body: { version: 2 },
    });
    await agent.post(`${desk}/replies`, { body: 'Lead takes over.' });
    expect(await told(id, 3)).toEqual(['created 1 open', 'assigned 2 open', 'replied 3 open']);
    const [, assigned, replied] = await tickets.events(id, 3);
    expect(assigned?.data.assignee).toMatchObject({
      kind: 'user',
      email: 'lead@example.com',
      locale: expect.any(String),
    });
    expect(replied?.data.assignee).toEqual(assigned?.data.assignee);
  });

  it('and notes stay when the agent’s address is withdrawn: never shown as unassigned or anonymous', async () => {
    const { id, desk } = await filed();
    const answer = await agent.post(`${desk}/assignment`, { agent: 'lead@example.com' });
    await lead.post(`${desk}/notes`, { body: 'Mine.' });
    const { dataSource } = tickets.database;
    const leadId = answer.body.assignee.id;
    await dataSource.query('update people set email = null where id = $1', [leadId]);
    const shown = deskTicketResponse.strict().parse((await agent.get(desk)).body);
    expect(shown.ticket.assignee).toEqual({ id: leadId });
    expect(shown.notes).toMatchObject([{ author: leadId, body: 'Mine.' }]);
    const free = (await agent.get('/desk/tickets?assignee=none&limit=100')).body.items;
    expect(free.map((ticket: { id: string }) => ticket.id)).not.toContain(id);
    await lead.get('/desk/tickets');
    expect((await agent.get(desk)).body.ticket.assignee).toEqual({ id: leadId, email: 'lead@example.com' });
  });

  it('to somebody who never signed in as an agent says who did', async () => {
    const { desk } = await filed();
    for (const address of ['nobody@example.com', 'ada@example.com']) {
      const answer = await agent.post(`${desk}/assignment`, { agent: address });
      expect(answer).toMatchObject({ status: 422, body: { code: 'agent_unknown' } });
      expect(answer.body.detail).toContain('lead@example.com');
    }
  });
});

describe('a conversation of 500 messages', () => {
  it('refuses another one and says what to do; without a text the ticket still changes', async () => {
    const { id, mine, desk } = await filed();
    await tickets.database.dataSource.query(
      `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
       select gen_random_uuid(), ticket_id, 1 + n, kind, author, author_id, body, created_at
       from messages, generate_series(1, 498) as n where ticket_id = $1`,
      [id],
    );
    await tickets.database.dataSource.query('update tickets set version = 499 where id = $1', [id]);
    expect((await ada.post(`${mine}/messages`, { body: 'The 500th' })).status).toBe(201);
    const refused = [
      await ada.post(`${mine}/messages`, { body: 'One more' }),
      await agent.post(`${desk}/replies`, { body: 'One more' }),
      await agent.post(`${desk}/information-requests`, { body: 'One more' }),
      await agent.post(`${desk}/resolution`, { body: 'One more' }),
    ];
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([409, 'conversation_full']);
      expect(body.detail).toMatch(/new ticket/);
    }
    expect((await agent.get(desk)).body.messages).toHaveLength(500);
    expect((await agent.post(`${desk}/resolution`)).status).toBe(200);
    expect((await ada.post(`${mine}/closing`)).status).toBe(200);
    expect(await told(id, 4)).toEqual([
      'created 1 open',
      'customer_replied 500 open',
      'resolved 501 resolved',
      'closed 502 closed',
    ]);
  });
});

describe('seeing', () => {
  it('is published once per version, and reading at the desk publishes nothing', async () => {
    const { id, mine, desk } = await filed();
    await ada.put(`${mine}/seen`);
    await agent.post(`${desk}/replies`, { body: 'Hello' });
    await agent.get(desk);
    for (let n = 0; n < 3; n++) expect((await ada.put(`${mine}/seen`)).status).toBe(204);
    await agent.post(`${desk}/replies`, { body: 'Hello again' });
    expect((await ada.put(`${mine}/seen`, { version: 2 })).status).toBe(204);
    expect((await ada.put(`${mine}/seen`, { version: 3 })).status).toBe(204);
    expect(await told(id, 5)).toEqual([
      'created 1 open',
      'replied 2 open',
      'seen 2 open',
      'replied 3 open',
      'seen 3 open',
    ]);
    expect((await ada.get(mine)).body).toMatchObject({ ticket: { version: 3 }, timeline: { length: 3 } });
  });
});
