import { randomUUID } from 'node:crypto';
import { addressIdentity } from '@bellhop/contracts/persons';
import { waitFor } from '@bellhop/local-stack';
import { ErasureKeys } from '@bellhop/service';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderStorage } from '../src/attachments/storage/folder-storage.js';
import { TicketPersonEraser } from '../src/erasure/ticket-person-eraser.js';
import { openStream } from './live-page.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';
import { png } from './sample-files.js';

/** As `running-tickets.ts` has it. */
const keys = new ErasureKeys([Buffer.alloc(32, 5)]);

let tickets: RunningTickets;
let ada: Person;
let lead: Person;
beforeAll(async () => {
  tickets = await runningTickets();
  ada = await tickets.as('ada@example.com');
  lead = await tickets.as('lead@example.com');
});
afterAll(() => tickets.stop());

const all = (sql: string, values?: unknown[]) => tickets.database.dataSource.query(sql, values);
const form = { category: 'other', subject: 'S', body: 'B' };
const fileIn = async (person: Person) => (await person.upload('a.png', png())).body.id as string;

/** Tables with somebody's id as a word of its own, or their address. */
async function placesOf(id: string, email: string): Promise<string[]> {
  const tables: { name: string }[] = await all(`select tablename as name from pg_tables where schemaname = 'public'`);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows: { row: string }[] = await all(`select t::text as row from "${name}" t`);
    const isThere = rows.some(({ row }) => row.toLowerCase().includes(email) || new RegExp(`\\b${id}\\b`).test(row));
    if (isThere && name !== 'migrations') found.push(name);
  }
  return found.sort();
}

/** As if the service had heard of it a while ago. */
async function erase(email: string): Promise<Record<string, number>> {
  const id = randomUUID();
  await all(
    `insert into erasures (id, person_hash, requested_at, heard_at) values ($1, $2, now() - interval '1 minute', now() - interval '1 minute')`,
    [id, keys.hash(addressIdentity(email))],
  );
  const [row] = await waitFor(
    async () => {
      const rows = await all('select counts from erasures where id = $1 and erased_at is not null', [id]);
      return rows.length > 0 && rows;
    },
    { what: 'the person to be erased' },
  );
  return row.counts;
}

describe('S43 an agent who is erased', () => {
  it('S43 is named nowhere any more; what they wrote to others is still there, without an author', async () => {
    expect((await lead.get('/desk/tickets')).status).toBe(200);
    const { id } = (await ada.post('/tickets', form)).body;
    const adas = await fileIn(ada);
    await ada.post(`/tickets/${id}/messages`, { body: 'Look.', attachmentIds: [adas] });
    await lead.post(`/desk/tickets/${id}/assignment`, { agent: 'lead@example.com' });
    const sent = await fileIn(lead);
    expect((await lead.post(`/desk/tickets/${id}/replies`, { body: 'See here.', attachmentIds: [sent] })).status).toBe(
      201,
    );
    expect((await lead.post(`/desk/tickets/${id}/notes`, { body: 'Called.' })).status).toBe(201);
    const own = (await lead.post('/tickets', form)).body.id;
    await fileIn(lead);
    await tickets.events(id, 4);
    expect(await placesOf('lead', 'lead@example.com')).toEqual(
      expect.arrayContaining([
        'attachments',
        'idempotency_keys',
        'messages',
        'notes',
        'outbox',
        'people',
        'person_days',
        'tickets',
        'timeline_entries',
      ]),
    );
    // Nothing waits for the relay.
    await waitFor(async () => (await all('select from outbox where published_at is null')).length === 0, {
      what: 'all to be told',
    });

    expect(await erase('Lead@Example.com')).toMatchObject({ people: 1, tickets: 1, files: 1, disowned: 6 });

    expect(await placesOf('lead', 'lead@example.com')).toEqual([]);
    const { status, body } = await ada.get(`/tickets/${id}`);
    expect(status).toBe(200);
    expect(body.messages.map((message: { body: string }) => message.body)).toEqual(['B', 'Look.', 'See here.']);
    expect((await ada.get(`/attachments/${sent}`)).status).toBe(200);
    expect((await ada.get(`/attachments/${adas}`)).status).toBe(200);
    expect((await ada.get(`/tickets/${own}`)).status).toBe(404);
    const [row] = await all('select assignee_id, requester_id from tickets where id = $1', [id]);
    expect(row.assignee_id).toBeNull();
    // Their token still holds: with the next request they are somebody again, and can work.
    expect((await lead.get(`/desk/tickets/${id}`)).body.messages).toHaveLength(3);
    expect((await lead.post(`/desk/tickets/${id}/replies`, { body: 'Back.' })).status).toBe(201);
  });

  it('S43 disappears from open pages of the desk, too: they are told of the tickets that named the agent', async () => {
    const gone = await tickets.as('agent@example.com');
    const ids = await Promise.all([1, 2, 3, 4].map(async () => (await ada.post('/tickets', form)).body.id as string));
    const [assigned, answered, noted, other] = ids;
    await gone.post(`/desk/tickets/${assigned}/assignment`, { agent: 'agent@example.com' });
    await gone.post(`/desk/tickets/${answered}/replies`, { body: 'See here.' });
    await gone.post(`/desk/tickets/${noted}/notes`, { body: 'Called.' });
    await waitFor(async () => (await all('select from outbox where published_at is null')).length === 0);
    const headers = { authorization: `Bearer ${await tickets.token('lead@example.com')}` };
    const page = await openStream(`${tickets.url}/desk/stream`, headers);
    // The first one names none.
    await waitFor(() => page.hints().length === 1);
    const named = () => page.hints().flatMap((hint) => hint.tickets ?? []);
    try {
      await erase('agent@example.com');
      await waitFor(() => [assigned, answered, noted].every((id) => named().includes(id)), { what: 'hints' });
      expect(named()).not.toContain(other);
    } finally {
      page.close();
    }
  });

  it('S43 is erased only once their events to others are published, without waiting for those that concern only them', async () => {
    const storage = new FolderStorage({ path: tickets.folder, keepFreeBytes: 1 });
    const eraser = new TicketPersonEraser(tickets.database.dataSource, storage);
    const hash = keys.hash(addressIdentity('kim@example.com'));
    const person = { is: (...identities: string[]) => identities.some((identity) => keys.hash(identity) === hash) };
    const runner = tickets.database.dataSource.createQueryRunner();
    const run = (sql: string, values: unknown[]) => runner.query(sql, values);
    // Never committed, so that the relay sees nothing of it.
    await runner.startTransaction();
    try {
      const [own, others] = [randomUUID(), randomUUID()];
      await run(
        `insert into people (id, is_agent, email, changed_at) values ('kim', true, 'kim@example.com', now())`,
        [],
      );
      await run(
        `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
         values ($1, 'KIM1', 'open', 'other', 'normal', 1, 1, 'S', 'kim', now(), now())`,
        [own],
      );
      const event = (subject: string) =>
        run('insert into outbox (event_id, subject, data) values ($1, $2, $3)', [
          ...[randomUUID(), 'tickets.v1.replied'],
          JSON.stringify({ subject, data: { assignee: { kind: 'user', id: 'kim', email: 'kim@example.com' } } }),
        ]);
      await event(others);
      await event(own);
      expect(await eraser.erase(runner.manager, person)).toBeNull();
      await run(`delete from outbox where data like $1`, [`%${others}%`]);
      expect(await eraser.erase(runner.manager, person)).toMatchObject({ people: 1, tickets: 1, events: 1 });
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });
});
