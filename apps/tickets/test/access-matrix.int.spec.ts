import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

type Who = 'owner' | 'otherCustomer' | 'agent' | 'operator' | 'nobody';
type Row = Record<Who, number> & { body?: unknown };

const MINE = { otherCustomer: 404, agent: 404, operator: 404, nobody: 401 };
const DESK = { owner: 404, otherCustomer: 404, operator: 404, nobody: 401 };
const EVERYBODY = { owner: 200, otherCustomer: 200, agent: 200, operator: 200, nobody: 200 };
const ACCOUNTS = { owner: 200, otherCustomer: 200, agent: 200, operator: 200, nobody: 401 };
const FILED = { owner: 201, otherCustomer: 201, agent: 201, operator: 201, nobody: 401 };
const WRITTEN = { body: 'Hello' };

/** Who gets what from each route, on a ticket that `owner` has filed. */
const MATRIX: Record<string, Row> = {
  'GET /healthz': EVERYBODY,
  'GET /readyz': EVERYBODY,
  'GET /metrics': EVERYBODY,
  'POST /tickets': { ...FILED, body: { category: 'other', subject: 'S', ...WRITTEN } },
  'GET /tickets': ACCOUNTS,
  'GET /tickets/:id': { owner: 200, ...MINE },
  'POST /tickets/:id/messages': { owner: 201, ...MINE, body: WRITTEN },
  'POST /tickets/:id/closing': { owner: 200, ...MINE },
  'POST /tickets/:id/reopening': { owner: 200, ...MINE },
  'PUT /tickets/:id/seen': { owner: 204, ...MINE },
  'GET /desk/tickets': { agent: 200, ...DESK },
  'GET /desk/tickets/:id': { agent: 200, ...DESK },
  'POST /desk/tickets/:id/replies': { agent: 201, ...DESK, body: WRITTEN },
  'POST /desk/tickets/:id/information-requests': { agent: 201, ...DESK, body: WRITTEN },
  'POST /desk/tickets/:id/resolution': { agent: 200, ...DESK, body: WRITTEN },
  'POST /desk/tickets/:id/notes': { agent: 201, ...DESK, body: WRITTEN },
  'POST /desk/tickets/:id/assignment': { agent: 200, ...DESK, body: { agent: 'agent@example.com' } },
  'POST /desk/tickets/:id/closing': { agent: 200, ...DESK },
  'POST /desk/tickets/:id/reopening': { agent: 200, ...DESK },
};

/** Every route that the server really has, told by the server itself. */
const routes: string[] = [];

@Module({})
class RouteWitness {
  constructor(@Inject(HttpAdapterHost) { httpAdapter }: HttpAdapterHost) {
    httpAdapter.getInstance().addHook('onRoute', ({ method, url }: { method: string | string[]; url: string }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    });
  }
}

let tickets: RunningTickets;
let people: Record<Who, Person>;

beforeAll(async () => {
  tickets = await runningTickets({ modules: [RouteWitness] });
  people = {
    owner: await tickets.as('ada@example.com'),
    otherCustomer: await tickets.as('jan@example.com'),
    agent: await tickets.as('agent@example.com'),
    operator: await tickets.as('ops@example.com'),
    nobody: tickets.nobody,
  };
  await people.agent.get('/desk/tickets');
});
afterAll(() => tickets.stop());

describe('S19 every route asks who may do it', () => {
  it('has a row for every route, and no row for a route that is gone', () => {
    expect([...new Set(routes)].sort()).toEqual(Object.keys(MATRIX).sort());
  });

  const cells = Object.entries(MATRIX).flatMap(([route, { body, ...who }]) =>
    Object.entries(who).map(([person, status]) => ({ route, body, person: person as Who, status })),
  );

  it.each(cells)('$route for $person: $status', async ({ route, body, person, status }) => {
    const [method, pattern] = route.split(' ') as [string, string];
    const { id } = (await people.owner.post('/tickets', { category: 'other', subject: 'Mine', body: 'CANARY' })).body;
    const before = await ticketRow(id);
    const reply = await people[person].send(method, pattern.replace(':id', id), body);
    expect(reply.status).toBe(status);
    if (status < 400) return;
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(reply.body)).not.toMatch(/CANARY|Mine|ada@example/);
    expect(await ticketRow(id)).toEqual(before);
  });

  const onTickets = Object.keys(MATRIX).filter((route) => route.includes(':id'));

  it.each(onTickets)('%s answers for a stranger’s ticket as for none', async (route) => {
    const [method, pattern] = route.split(' ') as [string, string];
    const { body } = MATRIX[route] as Row;
    const { id } = (await people.owner.post('/tickets', { category: 'other', subject: 'Mine', body: 'CANARY' })).body;
    const [there, notThere] = await Promise.all(
      [id, randomUUID()].map((one) => people.otherCustomer.send(method, pattern.replace(':id', one), body)),
    );
    expect(there?.status).toBe(404);
    expect(there?.body).toEqual(notThere?.body);
  });
});

describe('S28 an identity is believed from a token only', () => {
  it.each([
    { 'x-user-id': 'ada', 'x-forwarded-user': 'ada@example.com', 'x-roles': 'agent' },
    { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJyb2xlcyI6WyJhZ2VudCJdfQ.' },
    { authorization: 'Basic YWRhOmFkYQ==' },
    { cookie: '__Host-session=ada' },
  ])('%j: 401', async (headers) => {
    expect((await people.nobody.get('/tickets', { headers })).status).toBe(401);
    expect((await people.nobody.get('/desk/tickets', { headers })).status).toBe(401);
  });
});

const ticketRow = async (id: string) =>
  (await tickets.database.dataSource.query('select version, status, updated_at from tickets where id = $1', [id]))[0];
