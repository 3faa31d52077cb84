import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { seedTickets } from './seed-tickets.js';

let database: TicketsDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database.stop());

const all = (sql: string) => database.dataSource.query(sql);

describe('seeding', () => {
  it('shows a ticket in every state, with its conversation', async () => {
    expect(await seedTickets(database.dataSource, new Date())).toBe(7);
    const tickets = await all('select status, version, updated_at < now() as is_past from tickets order by number');
    expect(tickets).toEqual([
      { status: 'open', version: 4, is_past: true },
      { status: 'waiting', version: 3, is_past: true },
      { status: 'resolved', version: 2, is_past: true },
      { status: 'open', version: 1, is_past: true },
      { status: 'closed', version: 5, is_past: true },
      { status: 'open', version: 4, is_past: true },
      { status: 'open', version: 1, is_past: true },
    ]);
    expect(await all(`select 1 from messages where kind <> 'message'`)).toHaveLength(4);
  });

  it('shows tickets of guests, too, who have proven their addresses', async () => {
    const guests = await all(
      `select requester_id, requester_locale, status from tickets where requester_id like 'guest:%' order by 1`,
    );
    expect(guests).toEqual([
      { requester_id: 'guest:lukas@example.com', requester_locale: 'de', status: 'open' },
      { requester_id: 'guest:rosa@example.com', requester_locale: 'en', status: 'open' },
    ]);
  });

  it('publishes no events', async () => {
    expect(await all('select * from outbox')).toEqual([]);
  });

  it('adds nothing the second time', async () => {
    const before = await all('select * from messages order by id');
    expect(await seedTickets(database.dataSource, new Date())).toBe(0);
    expect(await all('select * from messages order by id')).toEqual(before);
  });
});
