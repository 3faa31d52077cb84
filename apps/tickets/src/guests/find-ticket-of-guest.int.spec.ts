import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { findTicketOfGuest } from './find-ticket-of-guest.js';

const TICKETS = 20_000;
const HERE = 'guest:guest-7@example.com';

let database: TicketsDatabase;

beforeAll(async () => {
  database = await migratedDatabase();
  await database.dataSource.query(
    `insert into people (id, kind, is_agent, email, changed_at)
     select 'guest:guest-' || n || '@example.com', 'guest', false, 'guest-' || n || '@example.com', now() from generate_series(0, 99) n
     union all select 'user-' || n, 'user', false, 'guest-' || n || '@example.com', now() from generate_series(0, 99) n`,
  );
  // Each number belongs to one of: a guest's ticket, one that is not proven, one of an account with the same address.
  await database.dataSource.query(
    `insert into tickets
     select gen_random_uuid(), lpad(n::text, 6, '0'), case when n % 3 = 1 then 'unverified' else 'open' end, 'other', 'normal', 1, 1, 'Subject',
            case when n % 3 = 2 then 'user-' || n % 100 else 'guest:guest-' || n % 100 || '@example.com' end, null, now(), now()
     from generate_series(1, $1::int) n`,
    [TICKETS],
  );
  await database.dataSource.query('vacuum analyze tickets');
});
afterAll(() => database.stop());

const find = (guestKey: string, number: string) => findTicketOfGuest(database.dataSource.manager, guestKey, number);

/** 207 is a ticket of guest 7, 307 one that is not proven, 107 one of the user with the same address. */
const MISSES: [string, string, string][] = [
  ['an unknown number', HERE, 'ZZZZZZ'],
  ['a ticket of another guest', HERE, '000210'],
  ['another address', 'guest:nobody@example.com', '000207'],
  ['a ticket of somebody with an account and this address', HERE, '000107'],
  ['a ticket that is not proven', HERE, '000307'],
  ['nothing that could be a number', HERE, `' or true --`],
];

describe('S4 number and address', () => {
  it('find the ticket of the guest', async () => {
    expect(await find(HERE, '000207')).toEqual({
      ticketId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'guest-7@example.com',
    });
  });

  it.each(MISSES)('find nothing, in the same way, for %s', async (_what, guestKey, number) => {
    expect(await find(guestKey, number)).toBeNull();
  });

  it('are looked up as one value: each miss reads the same pages, and none reads a ticket', async () => {
    database.statements();
    await find(HERE, '000207');
    const [statement] = database.statements();
    const plans = await Promise.all(
      MISSES.map(async ([, guestKey, number]) => {
        const sql = `explain (analyze, buffers, costs off, timing off, summary off, format json) ${statement?.sql}`;
        const [row] = await database.dataSource.query(sql, [guestKey, number]);
        const { Plan: plan } = row['QUERY PLAN'][0];
        return {
          node: plan['Node Type'],
          index: plan['Index Name'],
          pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
          removed: plan['Rows Removed by Filter'] ?? 0,
        };
      }),
    );
    expect(plans[0]).toMatchObject({ node: 'Index Scan', index: 'tickets_for_guests', removed: 0 });
    for (const plan of plans) expect(plan).toEqual(plans[0]);
  });

  it('take as long whether the number exists or not: medians of 2,000 tries each lie within a half', async () => {
    const times = MISSES.map((): number[] => []);
    for (let round = 0; round < 2_200; round++) {
      for (const [index, [, guestKey, number]] of MISSES.entries()) {
        const startedAt = performance.now();
        await find(guestKey, number);
        // The first rounds warm caches and compilers.
        if (round >= 200) times[index]?.push(performance.now() - startedAt);
      }
    }
    const medians = times.map((list) => list.sort((a, b) => a - b)[list.length / 2] as number);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
  });
});
