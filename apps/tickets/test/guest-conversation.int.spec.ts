import { randomBytes, randomUUID } from 'node:crypto';
import { ticketResponse } from '@bellhop/contracts/http';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

let tickets: RunningTickets;
let agent: Person;
let ada: Person;

beforeAll(async () => {
  tickets = await runningTickets();
  agent = await tickets.as('agent@example.com');
  ada = await tickets.as('ada@example.com');
});
afterAll(() => tickets.stop());

const own = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };
const visit = (email: string, ids: string[]) => tickets.browser(tickets.guestAuth.session(email, ids).cookie);

/** A ticket of a guest that is proven, and the browser whose session has opened it. */
async function opened(email = 'jana@example.com') {
  const { id } = (await tickets.nobody.post('/tickets', { ...own, guest: { email } })).body as { id: string };
  const guest = visit(email, [id]);
  expect((await guest.get(`/tickets/${id}`)).status).toBe(200);
  return { id, mine: `/tickets/${id}`, desk: `/desk/tickets/${id}`, guest };
}

describe('a guest with a session', () => {
  it('reads the whole conversation and answers in it as the customer', async () => {
    const { id, mine, desk, guest } = await opened();
    await agent.post(`${desk}/information-requests`, { body: 'Which account?' });
    const answer = await guest.post(`${mine}/messages`, { body: 'The second one.' });
    expect(answer).toMatchObject({ status: 201, body: { author: 'customer', body: 'The second one.' } });
    const { ticket, messages, timeline } = ticketResponse.strict().parse((await guest.get(mine)).body);
    expect(ticket).toMatchObject({ status: 'open', version: 3 });
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      ['customer', own.body],
      ['agent', 'Which account?'],
      ['customer', 'The second one.'],
    ]);
    expect(timeline.map(({ type, by }) => [type, by])).toEqual([
      ['created', 'customer'],
      ['information_requested', 'agent'],
      ['customer_replied', 'customer'],
    ]);
    const replied = (await tickets.events(id, 3)).at(-1);
    expect(replied).toMatchObject({ type: 'ticket.customer_replied.v1', data: { message: { id: answer.body.id } } });
    expect(replied?.data.requester).toEqual({ kind: 'guest', email: 'jana@example.com' });
    expect(replied?.data.actor).toEqual({ kind: 'customer' });
  });

  it('skips pending alerts by having the page open', async () => {
    const { id, mine, desk, guest } = await opened();
    await agent.post(`${desk}/replies`, { body: 'Hello' });
    expect((await guest.put(`${mine}/seen`, { version: 2 })).status).toBe(204);
    const seen = (await tickets.events(id, 3)).at(-1);
    expect(seen).toMatchObject({
      type: 'ticket.seen.v1',
      data: { ticket: { version: 2 }, actor: { kind: 'customer' } },
    });
  });

  it('reopens a resolved ticket by answering, and cannot answer in a closed one', async () => {
    const { mine, desk, guest } = await opened();
    await agent.post(`${desk}/resolution`, { body: 'Done.' });
    expect((await guest.post(`${mine}/messages`, { body: 'It is not.' })).status).toBe(201);
    expect((await guest.get(mine)).body.ticket.status).toBe('open');
    await agent.post(`${desk}/closing`);
    expect(await guest.post(`${mine}/messages`, { body: 'One more' })).toMatchObject({
      body: { code: 'ticket_closed' },
    });
    expect((await guest.get(mine)).status).toBe(200);
  });

  it('S33 answers once, however often the answer is sent, also from another of their browsers', async () => {
    const { id, mine, guest } = await opened();
    const key = randomUUID();
    const again = visit('jana@example.com', [id]);
    const [first, second] = [
      await guest.post(`${mine}/messages`, { body: 'Hi' }, { key }),
      await again.post(`${mine}/messages`, { body: 'Hi' }, { key }),
    ];
    expect(second.body).toEqual(first.body);
    expect((await guest.get(mine)).body.messages).toHaveLength(2);
  });

  it('who signs in with an account of the same address is somebody else', async () => {
    const { mine } = await opened('ada@example.com');
    expect((await ada.get(mine)).status).toBe(404);
    expect((await ada.get('/tickets?limit=100')).body.items.map(({ id }: { id: string }) => id)).not.toContain(mine);
    const { id } = (await ada.post('/tickets', own)).body;
    expect((await visit('ada@example.com', [id]).get(`/tickets/${id}`)).status).toBe(404);
  });
});

describe('S19 a guest', () => {
  it('may do nothing but read, answer and see', async () => {
    const { mine, desk, guest } = await opened();
    const refused = [
      await guest.get('/tickets'),
      await guest.post(`${mine}/closing`),
      await guest.post(`${mine}/reopening`),
      await guest.get('/desk/tickets'),
      await guest.get(desk),
      await guest.post(`${desk}/replies`, { body: 'As an agent' }),
      await guest.post(`${desk}/notes`, { body: 'As an agent' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(Array(refused.length).fill(401));
    expect((await agent.get(desk)).body).toMatchObject({ ticket: { version: 1 }, notes: [], messages: { length: 1 } });
  });
});

describe('S18 an id', () => {
  it('of another ticket opens nothing, neither theirs by a session of another ticket nor anybody’s', async () => {
    const [jana, eve] = [await opened('jana@example.com'), await opened('eve@example.com')];
    const { id: adas } = (await ada.post('/tickets', own)).body;
    for (const id of [eve.id, adas, randomUUID()]) {
      for (const guest of [jana.guest, visit('jana@example.com', [jana.id, id])]) {
        const answers = [
          await guest.get(`/tickets/${id}`),
          await guest.post(`/tickets/${id}/messages`, { body: 'Hello?' }),
          await guest.put(`/tickets/${id}/seen`),
        ];
        const missing = { status: 404, body: { code: 'ticket_not_found' } };
        for (const answer of answers) expect(answer).toMatchObject(missing);
      }
    }
    const second = await opened('jana@example.com');
    expect((await jana.guest.get(second.mine)).status).toBe(404);
  });

  it('with a copied URL in another browser is 401', async () => {
    const { mine } = await opened();
    expect((await tickets.nobody.get(mine)).status).toBe(401);
    const other = tickets.browser(`__Host-bellhop-guest=${randomBytes(32).toString('base64url')}`);
    expect((await other.get(mine)).status).toBe(401);
  });
});

describe('S21 a note', () => {
  it('is on no route of a guest', async () => {
    const { id, mine, desk, guest } = await opened();
    const canary = `canary-${randomUUID()}`;
    expect((await agent.post(`${desk}/notes`, { body: canary })).status).toBe(201);
    await agent.post(`${desk}/replies`, { body: 'Public' });
    const shown = [
      await guest.get(mine),
      await guest.post(`${mine}/messages`, { body: 'Thanks' }),
      await guest.put(`${mine}/seen`),
      await guest.get(desk),
      await guest.get('/tickets'),
      await tickets.events(id, 4),
      await tickets.database.dataSource.query('select data from outbox'),
      tickets.guestAuth.challenges,
    ];
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(JSON.stringify((await agent.get(desk)).body)).toContain(canary);
  });
});

describe('S28 a guest’s identity', () => {
  it('comes from a session that guest-auth knows, and from nothing else', async () => {
    const { id, mine } = await opened();
    const { token } = tickets.guestAuth.session('jana@example.com', [id]);
    const forged: Record<string, string>[] = [
      { 'x-guest-email': 'jana@example.com', 'x-forwarded-user': 'jana@example.com' },
      { cookie: `bellhop-guest=${token}` },
      { cookie: `__Host-bellhop-guest=${token.toLowerCase()}` },
      { cookie: `__Host-bellhop-guest=jana@example.com` },
      { cookie: `__Host-bellhop-browser=${token}` },
      { authorization: `Bearer ${token}` },
      { 'x-bellhop-guest': token },
    ];
    for (const headers of forged)
      expect([headers, (await tickets.nobody.get(mine, { headers })).status]).toEqual([headers, 401]);
  });

  it('does not count beside a token, even a broken one', async () => {
    const { id, mine } = await opened();
    const { cookie } = tickets.guestAuth.session('jana@example.com', [id]);
    expect((await ada.get(mine, { headers: { cookie } })).status).toBe(404);
    for (const authorization of ['Bearer broken', 'Basic YTpi']) {
      expect((await tickets.nobody.get(mine, { headers: { cookie, authorization } })).status).toBe(401);
    }
  });

  it('ends at the latest five seconds after the session was revoked', async () => {
    const { id, mine } = await opened();
    const { cookie, token } = tickets.guestAuth.session('jana@example.com', [id]);
    const guest = tickets.browser(cookie);
    expect((await guest.get(mine)).status).toBe(200);
    tickets.guestAuth.revoke(token);
    const revokedAt = performance.now();
    await waitFor(async () => (await guest.get(mine)).status === 401, { what: 'the session to be over' });
    expect(performance.now() - revokedAt).toBeLessThan(6_000);
  });
});

describe('S29 a foreign page', () => {
  it('changes nothing with a guest’s cookie', async () => {
    const { mine, desk, guest } = await opened();
    const headers = { origin: 'https://evil.example' };
    const refused = [
      await guest.post(`${mine}/messages`, { body: 'Forged' }, { headers }),
      await guest.put(`${mine}/seen`, undefined, { headers }),
      await guest.post('/tickets', { ...own, guest: { email: 'victim@example.com' } }, { headers }),
      await guest.post(`${mine}/messages`, { body: 'Forged' }, { headers: { origin: 'null' } }),
    ];
    for (const answer of refused) expect(answer).toMatchObject({ status: 403, body: { code: 'foreign_origin' } });
    expect((await agent.get(desk)).body.messages).toHaveLength(1);
    const ours = { origin: 'http://localhost:3000' };
    expect((await guest.post(`${mine}/messages`, { body: 'Mine' }, { headers: ours })).status).toBe(201);
  });

  it('cannot send with a form what a route would take', async () => {
    const { mine, guest } = await opened();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const headers = { 'content-type': type };
      expect((await guest.post(`${mine}/messages`, '{"body":"Forged"}', { headers })).status).toBe(415);
    }
  });
});

describe('while guest-auth is away', () => {
  it('recent guests are served, new ones get 503, and people with an account notice nothing', async () => {
    const { id, mine, guest } = await opened();
    await guest.get(mine);
    await tickets.guestAuth.leave();
    expect((await guest.get(mine)).status).toBe(200);
    expect((await guest.post(`${mine}/messages`, { body: 'Still here' })).status).toBe(201);
    const late = await visit('jana@example.com', [id]).get(mine);
    expect(late).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect((await ada.post('/tickets', own)).status).toBe(201);
    expect((await agent.get(`/desk/tickets/${id}`)).status).toBe(200);
    await tickets.guestAuth.arrive();
    expect((await visit('jana@example.com', [id]).get(mine)).status).toBe(200);
  });
});
