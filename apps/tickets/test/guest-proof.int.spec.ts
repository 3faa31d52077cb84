import { randomUUID } from 'node:crypto';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { streams } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { purgeUnproven } from '../src/guests/purge-unproven.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

const SUBJECT = 'guests.v1.address_proven';

let tickets: RunningTickets;
let agent: Person;
let ada: Person;

beforeAll(async () => {
  tickets = await runningTickets({ config: { MAX_UNPROVEN_TICKETS: 40 } });
  agent = await tickets.as('agent@example.com');
  ada = await tickets.as('ada@example.com');
});
afterAll(() => tickets.stop());

const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const own = { category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' };

async function filed(email = 'jana@example.com') {
  const answer = await tickets.nobody.post('/tickets', { ...own, guest: { email, locale: 'pl' } });
  expect(answer.status).toBe(201);
  return answer.body as { id: string; number: string; challengeId: string };
}

const proven = ({ id, challengeId }: { id: string; challengeId: string }) =>
  buildEvent('guest.address_proven.v1', { ticketId: id, challengeId });
const publish = (event: unknown, subject = SUBJECT) =>
  tickets.nats.request(subject, typeof event === 'string' ? event : JSON.stringify(event), { timeout: 5_000 });
const statusOf = async (id: string) => (await all('select status from tickets where id = $1', [id]))[0]?.status;
const untilOpen = (id: string) => waitFor(async () => (await statusOf(id)) === 'open', { what: 'the ticket to open' });
/** All that was published before is settled, on whichever stream the app listens. */
const settled = () =>
  waitFor(
    async () => {
      const unsettled = await Promise.all(Object.keys(streams).map(unsettledOn));
      return unsettled.every((count) => count === 0);
    },
    { what: 'all events to be settled' },
  );
async function unsettledOn(stream: string): Promise<number> {
  const info = await tickets.nats.request(`$JS.API.CONSUMER.INFO.${stream}.tickets`, '');
  const { num_pending = 0, num_ack_pending = 0 } = info.json<{ num_pending?: number; num_ack_pending?: number }>();
  return num_pending + num_ack_pending;
}
const createdOf = (id: string) => all(`select data from outbox where data::jsonb ->> 'subject' = $1`, [id]);
const visit = (email: string, ids: string[]) => tickets.browser(tickets.guestAuth.session(email, ids).cookie);

describe('an address that is proven', () => {
  it('opens the ticket: agents see it, and the event says that a guest has filed it', async () => {
    const ticket = await filed();
    await publish(proven(ticket));
    const [created] = await tickets.events(ticket.id, 1);
    expect(created).toMatchObject({
      type: 'ticket.created.v1',
      data: {
        ticket: { id: ticket.id, number: ticket.number, status: 'open', version: 1 },
        requester: { kind: 'guest', email: 'jana@example.com', locale: 'pl' },
        actor: { kind: 'customer' },
      },
    });
    expect(created?.data.actor).toEqual({ kind: 'customer' });
    const { items } = (await agent.get('/desk/tickets?limit=100')).body;
    const shown = items.find(({ id }: { id: string }) => id === ticket.id);
    expect(shown).toMatchObject({ status: 'open', requester: { kind: 'guest', email: 'jana@example.com' } });
    const { messages, timeline } = (await agent.get(`/desk/tickets/${ticket.id}`)).body;
    expect(messages).toMatchObject([{ author: 'customer', body: own.body }]);
    expect(timeline).toMatchObject([{ type: 'created', by: 'customer' }]);
  });

  it('S33 is published ten times, under one id or under ten, and opens it once', async () => {
    const ticket = await filed();
    const event = proven(ticket);
    await Promise.all(Array.from({ length: 10 }, (_, n) => publish(n < 5 ? event : { ...event, id: randomUUID() })));
    await settled();
    expect(await createdOf(ticket.id)).toHaveLength(1);
    expect(await all('select version from timeline_entries where ticket_id = $1', [ticket.id])).toHaveLength(1);
  });

  it('may be published while a session shows the ticket for the first time: it opens once', async () => {
    const ticket = await filed();
    const guest = visit('jana@example.com', [ticket.id]);
    const answers = await Promise.all([
      publish(proven(ticket)),
      ...Array.from({ length: 8 }, () => guest.get(`/tickets/${ticket.id}`)),
    ]);
    expect(answers.slice(1).map((answer) => (answer as { status: number }).status)).toEqual(Array(8).fill(200));
    await settled();
    expect(await createdOf(ticket.id)).toHaveLength(1);
  });
});

describe('a session that has opened a ticket', () => {
  it.each([
    ['reads it', (guest: Person, id: string) => guest.get(`/tickets/${id}`), 200],
    ['answers in it', (guest: Person, id: string) => guest.post(`/tickets/${id}/messages`, { body: 'Hello?' }), 201],
    ['has it on the screen', (guest: Person, id: string) => guest.put(`/tickets/${id}/seen`), 204],
  ] as const)('%s and by that opens it for agents, when the event is late', async (_what, act, status) => {
    const ticket = await filed();
    expect((await act(visit('jana@example.com', [ticket.id]), ticket.id)).status).toBe(status);
    expect((await agent.get(`/desk/tickets/${ticket.id}`)).status).toBe(200);
    const [created] = await tickets.events(ticket.id, 1);
    expect(created?.type).toBe('ticket.created.v1');
  });

  it('opens no other: not one of another address, nor one that it does not name', async () => {
    const [jana, eve] = [await filed('jana@example.com'), await filed('eve@example.com')];
    for (const guest of [visit('jana@example.com', [eve.id]), visit('eve@example.com', [jana.id, randomUUID()])]) {
      for (const { id } of [jana, eve]) {
        expect((await guest.get(`/tickets/${id}`)).status).toBe(404);
        expect((await guest.post(`/tickets/${id}/messages`, { body: 'Hello?' })).status).toBe(404);
      }
    }
    expect([await statusOf(jana.id), await statusOf(eve.id)]).toEqual(['unverified', 'unverified']);
  });
});

describe('S35 the publisher of a proven address', () => {
  it('is read from the subject: the same event of another system opens nothing', async () => {
    const ticket = await filed();
    for (const subject of [
      'inbound.crm.guests.v1.address_proven',
      'tickets.v1.address_proven',
      'crm.guests.v1.address_proven',
    ]) {
      // Stored by the time of the answer, where there is a stream for it at all.
      await publish({ ...proven(ticket), source: 'urn:bellhop:guest-auth' }, subject).catch(() => undefined);
    }
    await settled();
    expect(await statusOf(ticket.id)).toBe('unverified');
  });

  it('names a ticket; any other name has no effect and stops nothing', async () => {
    const { id: theirs } = (await ada.post('/tickets', own)).body;
    const before = (await all('select version, status, updated_at from tickets where id = $1', [theirs]))[0];
    const challengeId = randomUUID();
    for (const id of [theirs, randomUUID(), 'crm-1', theirs.toUpperCase(), `${theirs}'`.slice(0, 30)]) {
      await publish({
        ...proven({ id: 'x', challengeId }),
        id: randomUUID(),
        subject: undefined,
        data: { ticketId: id, challengeId },
      });
    }
    await settled();
    expect((await all('select version, status, updated_at from tickets where id = $1', [theirs]))[0]).toEqual(before);
    expect(await createdOf(theirs)).toHaveLength(1);
  });

  it.each([
    ['no JSON', () => '{', 'invalid_json'],
    ['no event', () => ({ hello: 'world' }), 'invalid_event'],
    ['no ticket', () => ({ ...proven({ id: 'x', challengeId: randomUUID() }), data: {} }), 'invalid_event'],
    ['an event of another subject', () => buildEvent('ticket.created.v1'), 'subject_mismatch'],
  ])('but says %s, is parked with the reason', async (_what, event, reason) => {
    const letters = tickets.nats.subscribe('dead_letters.tickets.>', { max: 1 });
    await tickets.nats.flush();
    await publish(event());
    for await (const letter of letters) expect(letter.subject).toBe(`dead_letters.tickets.bellhop.${reason}`);
  });

  it('uses up no event id of others: the inbox key begins with the system', async () => {
    const ticket = await filed();
    await publish(proven(ticket));
    await untilOpen(ticket.id);
    const systems = await all('select distinct consumer, system from inbox');
    expect(systems).toEqual([{ consumer: 'tickets', system: OWN_SYSTEM }]);
  });
});

describe('a ticket that is never proven', () => {
  const purge = () => purgeUnproven(tickets.database.dataSource, { signal: new AbortController().signal });
  const age = (hours: number, ...ids: string[]) =>
    all(
      `with aged as (update tickets set created_at = now() - make_interval(hours => $1) where id = any ($2) returning id)
       update guest_filings set leased_until = now() - make_interval(hours => $1) where ticket_id in (select id from aged)`,
      [hours, ids],
    );
  const traces = async (id: string) =>
    (
      await all(
        `select (select count(*)::int from tickets where id = $1) + (select count(*)::int from messages where ticket_id = $1)
              + (select count(*)::int from guest_filings where ticket_id = $1) as n`,
        [id],
      )
    )[0].n;
  const isKnown = async (email: string) =>
    (await all('select from people where id = $1', [`guest:${email}`])).length === 1;

  it('is deleted after 72 hours with its messages and the address', async () => {
    const [old, young] = [await filed('old@example.com'), await filed('young@example.com')];
    await age(73, old.id);
    await age(71, young.id);
    expect(await purge()).toBe(1);
    expect([await traces(old.id), await traces(young.id)]).toEqual([0, 3]);
    expect([await isKnown('old@example.com'), await isKnown('young@example.com')]).toEqual([false, true]);
    await publish(proven(old));
    await settled();
    expect(await statusOf(old.id)).toBeUndefined();
  });

  it('is deleted without the address of another ticket, and without any proven ticket, however old', async () => {
    const [first, second] = [await filed('both@example.com'), await filed('both@example.com')];
    await publish(proven(second));
    await untilOpen(second.id);
    await age(1_000, first.id, second.id);
    expect(await purge()).toBe(1);
    expect(await statusOf(second.id)).toBe('open');
    expect(await isKnown('both@example.com')).toBe(true);
    expect(await all('select from guest_filings where ticket_id = $1', [second.id])).toEqual([]);
  });

  it('is deleted in batches, also while tickets are filed with the same address', async () => {
    await filed('last@example.com');
    await all(`insert into tickets
      select gen_random_uuid(), 'OLD' || n, 'unverified', 'other', 'normal', 1, 1, 'Old', 'guest:last@example.com', null,
             now() - interval '80 hours', now() - interval '80 hours' from generate_series(1, 950) n`);
    const filings = Array.from({ length: 6 }, () => filed('last@example.com').catch(() => null));
    // They are too many for the address while the old ones are there; that they come through or not is chance.
    const [purged] = await Promise.all([purge(), ...filings.map((filing) => filing)]);
    expect(purged).toBe(950);
    expect(await all(`select from tickets where number like 'OLD%'`)).toEqual([]);
  });
});

describe('tickets that wait for a proof', () => {
  it('are no more than MAX_UNPROVEN_TICKETS, whoever files them; people with an account are not concerned', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 45; n++) {
      const guest = { email: `crowd-${n}@example.com` };
      statuses.push((await tickets.nobody.post('/tickets', { ...own, guest })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(10);
    expect((await all(`select count(*)::int as n from tickets where status = 'unverified'`))[0].n).toBe(40);
    expect((await ada.post('/tickets', own)).status).toBe(201);
  });
});
