import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { secretsIn } from './secret-fields.js';

/** `guestHere` has a session that names the ticket, `guestElsewhere` one that names another. */
type Who = 'owner' | 'otherCustomer' | 'guestHere' | 'guestElsewhere' | 'agent' | 'operator' | 'nobody';
type Statuses = Record<Who, number>;
/** On a ticket of somebody with an account, who is `owner`; and on one of a guest, who is `guestHere`. */
type Row = { ofUser: Statuses; ofGuest: Statuses; body?: unknown };

const all = (status: number): Statuses => ({
  ...{ owner: status, otherCustomer: status, guestHere: status, guestElsewhere: status },
  ...{ agent: status, operator: status, nobody: status },
});
const both = (statuses: Statuses, body?: unknown): Row => ({ ofUser: statuses, ofGuest: statuses, body });

/** For everybody with an account, on whatever is their own. */
const accounts = (status: number, guests = 401): Statuses => ({
  ...all(status),
  ...{ guestHere: guests, guestElsewhere: guests, nobody: 401 },
});
const mine = (status: number, body?: unknown): Row => ({
  ofUser: { ...all(404), owner: status, nobody: 401 },
  ofGuest: { ...all(404), guestHere: status, nobody: 401 },
  body,
});
const minesWithAccount = (status: number): Row => ({
  ofUser: { ...accounts(404), owner: status },
  ofGuest: accounts(404),
});
const desk = (status: number, body?: unknown): Row => both({ ...accounts(404), agent: status }, body);

/** A file that the requester has sent; the one id that is not the ticket's. */
const file = (): Row => ({
  ofUser: { ...all(404), owner: 200, agent: 200, nobody: 401 },
  ofGuest: { ...all(404), guestHere: 200, agent: 200, nobody: 401 },
});
const aFile = new FormData();
aFile.append('file', new Blob(['Hello']), 'hello.txt');

const WRITTEN = { body: 'Hello' };

/** Who gets what from each route. */
const MATRIX: Record<string, Row> = {
  'GET /healthz': both(all(200)),
  'GET /readyz': both(all(200)),
  'GET /me': both({ ...all(200), nobody: 401 }),
  // Without `guest`, which the next row is about.
  'POST /tickets': both(accounts(201), { category: 'other', subject: 'S', ...WRITTEN }),
  'GET /tickets': both(accounts(200)),
  'GET /tickets/:id': mine(200),
  'GET /tickets/:id/stream': mine(200),
  'POST /tickets/:id/messages': mine(201, WRITTEN),
  'PUT /tickets/:id/seen': mine(204),
  'POST /tickets/:id/closing': minesWithAccount(200),
  'POST /tickets/:id/reopening': minesWithAccount(200),
  'POST /attachments': both(all(201), aFile),
  'GET /attachments/:id': file(),
  // One that was not sent yet: pathOf().
  'DELETE /attachments/:id': mine(204),
  'GET /desk/stream': desk(200),
  'GET /desk/tickets': desk(200),
  'GET /desk/tickets/:id': desk(200),
  'POST /desk/tickets/:id/replies': desk(201, WRITTEN),
  'POST /desk/tickets/:id/information-requests': desk(201, WRITTEN),
  'POST /desk/tickets/:id/resolution': desk(200, WRITTEN),
  'POST /desk/tickets/:id/notes': desk(201, WRITTEN),
  'POST /desk/tickets/:id/assignment': desk(200, { agent: 'agent@example.com' }),
  'POST /desk/tickets/:id/closing': desk(200),
  'POST /desk/tickets/:id/reopening': desk(200),
};

/** The same route for other people, told apart by what is sent. */
const FILING_AS_A_GUEST: Row = both(
  { ...accounts(422, 201), nobody: 201 },
  { category: 'other', subject: 'S', ...WRITTEN, guest: { email: 'new@example.com' } },
);

/** Every route that the server really has, told by the server itself. */
const routes: string[] = [];

@Module({})
class RouteWitness {
  constructor({ httpAdapter }: HttpAdapterHost) {
    httpAdapter.getInstance().addHook('onRoute', ({ method, url }: { method: string | string[]; url: string }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    });
  }
}

const OWN = { category: 'other', subject: 'Mine', body: 'CANARY' };
type TicketOf = 'ofUser' | 'ofGuest';

let tickets: RunningTickets;
let accountsOf: Record<Exclude<Who, 'guestHere' | 'guestElsewhere'>, Person>;
let elsewhere: Person;

beforeAll(async () => {
  tickets = await runningTickets({ modules: [RouteWitness] });
  accountsOf = {
    owner: await tickets.as('ada@example.com'),
    otherCustomer: await tickets.as('jan@example.com'),
    agent: await tickets.as('agent@example.com'),
    operator: await tickets.as('ops@example.com'),
    nobody: tickets.nobody,
  };
  await accountsOf.agent.get('/desk/tickets');
  elsewhere = visit('eve@example.com', await filed('ofGuest', 'eve@example.com'));
});
afterAll(() => tickets.stop());

const visit = (email: string, ...ids: string[]) => tickets.browser(tickets.guestAuth.session(email, ids).cookie);

/** A new ticket, proven. */
async function filed(whose: TicketOf, email = 'gina@example.com'): Promise<string> {
  if (whose === 'ofUser') return (await accountsOf.owner.post('/tickets', OWN)).body.id;
  const { id } = (await tickets.nobody.post('/tickets', { ...OWN, guest: { email } })).body;
  await visit(email, id).get(`/tickets/${id}`);
  return id;
}

/** The same path for a ticket that there is, or for none. */
async function pathOf(route: string, whose: TicketOf, id: string): Promise<string> {
  const [method, pattern] = route.split(' ') as [string, string];
  if (!pattern.startsWith('/attachments/')) return pattern.replace(':id', id);
  const requester = personOf(whose === 'ofUser' ? 'owner' : 'guestHere', id);
  const attachmentIds = [(await requester.upload('mine.txt', 'CANARY')).body.id];
  if (method !== 'DELETE') await requester.post(`/tickets/${id}/messages`, { body: 'CANARY', attachmentIds });
  return pattern.replace(':id', attachmentIds[0]);
}

function personOf(who: Who, id: string): Person {
  if (who === 'guestHere') return visit('gina@example.com', id);
  return who === 'guestElsewhere' ? elsewhere : accountsOf[who];
}

const ticketRow = async (id: string) =>
  (await tickets.database.dataSource.query('select version, status, updated_at from tickets where id = $1', [id]))[0];

const cellsOf = (route: string, { body, ...row }: Row) =>
  (['ofUser', 'ofGuest'] as const).flatMap((whose) =>
    Object.entries(row[whose]).map(([who, status]) => ({ route, body, whose, who: who as Who, status })),
  );

describe('S19 every route checks who may use it', () => {
  it('has a row for every route, and no row for a route that is gone', () => {
    expect([...new Set(routes)].sort()).toEqual(Object.keys(MATRIX).sort());
  });

  const cells = [
    ...Object.entries(MATRIX).flatMap(([route, row]) => cellsOf(route, row)),
    ...cellsOf('POST /tickets', FILING_AS_A_GUEST),
  ];

  it.each(cells)('$route on a ticket $whose for $who: $status', async ({ route, body, whose, who, status }) => {
    const [method] = route.split(' ') as [string];
    const id = await filed(whose);
    const path = await pathOf(route, whose, id);
    const before = await ticketRow(id);
    const reply = await personOf(who, id).send(method, path, body);
    expect(reply.status).toBe(status);
    // S8: no answer has a field for a code or a token in it.
    expect(secretsIn(reply.body)).toEqual([]);
    if (status < 400) return;
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(reply.body)).not.toMatch(/CANARY|Mine|ada@example|gina@example/);
    expect(await ticketRow(id)).toEqual(before);
  });

  const onTickets = Object.keys(MATRIX).filter((route) => route.includes(':id'));

  it.each(onTickets)('%s answers for a stranger’s ticket as for none', async (route) => {
    const [method, pattern] = route.split(' ') as [string, string];
    const { body } = MATRIX[route] as Row;
    for (const whose of ['ofUser', 'ofGuest'] as const) {
      const id = await filed(whose);
      const paths = [await pathOf(route, whose, id), pattern.replace(':id', randomUUID())];
      for (const stranger of [accountsOf.otherCustomer, elsewhere, visit('eve@example.com', id)]) {
        const [there, notThere] = await Promise.all(paths.map((path) => stranger.send(method, path, body)));
        expect([401, 404]).toContain(there?.status);
        expect(there?.body).toEqual(notThere?.body);
      }
    }
  });
});

describe('S28 an identity comes from a token only', () => {
  it.each([
    { 'x-user-id': 'ada', 'x-forwarded-user': 'ada@example.com', 'x-roles': 'agent' },
    { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJyb2xlcyI6WyJhZ2VudCJdfQ.' },
    { authorization: 'Basic YWRhOmFkYQ==' },
    { cookie: '__Host-session=ada' },
  ])('%j: 401', async (headers) => {
    expect((await accountsOf.nobody.get('/tickets', { headers })).status).toBe(401);
    expect((await accountsOf.nobody.get('/desk/tickets', { headers })).status).toBe(401);
  });
});
