import type { ListDeskTicketsQuery } from '@bellhop/contracts/http';
import type { User } from '@bellhop/contracts/persons';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { DayBudgets } from '../budgets/day-budgets.js';
import { DeskService } from '../desk/desk.service.js';
import { MyTicketsService } from '../my-tickets/my-tickets.service.js';
import type { UserCaller } from '../people/caller.js';

const TICKETS = 20_000;
/** As many as a table has in which reading all rows costs more than looking some up. */
const PEOPLE = 20_000;
/** Those of them who have filed tickets. */
const CUSTOMERS = 200;

let database: TicketsDatabase;
let desk: DeskService;
let myTickets: MyTicketsService;

const caller = (id: string): UserCaller => ({
  person: { kind: 'user', id } satisfies User,
  viewer: { kind: 'user', id, isAgent: id === 'mira' },
});

beforeAll(async () => {
  database = await migratedDatabase();
  desk = new DeskService(database.dataSource);
  myTickets = new MyTicketsService(database.dataSource, new DayBudgets({ tickets: 1, messages: 1 }));
  await database.dataSource.query(
    `insert into people
     select 'customer-' || n, false, n || '@example.com', null, null, now() from generate_series(0, $1::int - 1) n
     union all values ('mira', true, 'mira@example.com', null, null, now()), ('leo', true, 'leo@example.com', null, null, now())`,
    [PEOPLE],
  );
  // Ten tickets share each moment, so that pages have to be turned in the middle of one.
  await database.dataSource.query(
    `insert into tickets
     select gen_random_uuid(), lpad(n::text, 6, '0'), case when n % 10 = 0 then 'waiting' else (array['open', 'resolved', 'closed'])[1 + n % 3] end,
            case when n % 50 = 0 then 'promotions' else 'trading' end, 'normal', 1, 1, 'Subject', 'customer-' || n % $2::int,
            case when n % 100 = 0 then 'mira' when n % 5 = 0 then null else 'leo' end,
            now() - make_interval(secs => n / 10), now() - make_interval(secs => n / 10)
     from generate_series(1, $1::int) n`,
    [TICKETS, CUSTOMERS],
  );
  await database.dataSource.query(
    `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), id, 1, 'message', 'customer', requester_id, 'Body', created_at from tickets`,
  );
  await database.dataSource.query('analyze');
});
afterAll(() => database.stop());

/** Runs a list and asks Postgres how it found the rows. */
async function planOf(list: () => Promise<unknown>): Promise<string> {
  database.statements();
  await list();
  const [statement, ...others] = database.statements();
  expect(others).toEqual([]);
  const rows = await database.dataSource.query(`explain analyze ${statement?.sql}`, statement?.parameters);
  return rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n');
}

/** How many rows were read only to be thrown away. */
const rowsRemoved = (plan: string) =>
  [...plan.matchAll(/Rows Removed by (?:Filter|Join Filter): (\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );

const atDesk = (query: Partial<ListDeskTicketsQuery>) => () => desk.list(caller('mira'), { limit: 100, ...query });

const me = caller('customer-7');
const STATUSES = [undefined, 'open', 'waiting', 'resolved', 'closed'] as const;
const ASSIGNEES = [undefined, 'me', 'none', 'mira@example.com', 'nobody@example.com'] as const;
const CATEGORIES_ASKED = [undefined, 'trading', 'promotions', 'other'] as const;
const everyFilter = STATUSES.flatMap((status) =>
  ASSIGNEES.flatMap((assignee) =>
    CATEGORIES_ASKED.map((category) => ({
      ...(status && { status }),
      ...(assignee && { assignee }),
      ...(category && { category }),
    })),
  ),
);

describe('a page of a list', () => {
  it.each(everyFilter)('at the desk, of %j, is one query that reads only matching rows', async (filter) => {
    const plan = await planOf(atDesk(filter));
    expect(plan).toMatch(/Index Cond:.*newest|Index Scan|Index Only Scan/);
    expect(plan).not.toMatch(/Seq Scan/);
    // Whatever is read and thrown away again grows with the table.
    expect(rowsRemoved(plan)).toBe(0);
  });

  it.each(['open', 'closed', undefined] as const)(
    'of a customer, %s, reads only what the filter leaves',
    async (status) => {
      const plan = await planOf(() => myTickets.list(me, { limit: 25, ...(status && { status }) }));
      expect(plan).toContain('tickets_of_requester');
      expect(plan).not.toMatch(/Seq Scan/);
      expect(rowsRemoved(plan)).toBe(0);
    },
  );

  it('in the middle begins where the page before ended', async () => {
    const first = await desk.list(caller('mira'), { limit: 100 });
    const plan = await planOf(atDesk({ cursor: first.next ?? '' }));
    expect(plan).toMatch(/Index Cond: .*ROW\(/);
    expect(rowsRemoved(plan)).toBe(0);
  });

  it.each(everyFilter)(
    'at the desk, of %j, shows the newest that the filter leaves',
    async ({ status, assignee, category }) => {
      const conditions = [
        ...(status ? [`t.status = '${status}'`] : []),
        ...(category ? [`t.category = '${category}'`] : []),
        ...(assignee === 'none' ? ['t.assignee_id is null'] : []),
        ...(assignee === 'me' ? [`t.assignee_id = 'mira'`] : []),
        ...(assignee?.includes('@') ? [`p.email = '${assignee}'`] : []),
      ];
      const wanted = await database.dataSource.query(
        `select t.id from tickets t left join people p on p.id = t.assignee_id
       where ${['true', ...conditions].join(' and ')} order by t.updated_at desc, t.id desc limit 100`,
      );
      const { items } = await desk.list(caller('mira'), {
        limit: 100,
        ...(status && { status }),
        ...(assignee && { assignee }),
        ...(category && { category }),
      });
      expect(items.map(({ id }) => id)).toEqual(wanted.map(({ id }: { id: string }) => id));
    },
  );
});

describe('pages', () => {
  it.each([7, 100])('of %s show every ticket once, newest activity first', async (limit) => {
    const seen: { id: string; updatedAt: string }[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, next } = await myTickets.list(caller('customer-3'), { limit, cursor });
      seen.push(...items);
      if (next === null) break;
      cursor = next;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(TICKETS / CUSTOMERS);
    expect(seen).toHaveLength(TICKETS / CUSTOMERS);
    const times = seen.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('of 200 tickets come with their people in two queries', async () => {
    database.statements();
    const { items, next } = await desk.list(caller('mira'), { limit: 100, assignee: 'mira@example.com' });
    const second = await desk.list(caller('mira'), { limit: 100, assignee: 'mira@example.com', cursor: next ?? '' });
    expect([...items, ...second.items].map(({ assignee }) => assignee?.email)).toEqual(
      Array(200).fill('mira@example.com'),
    );
    expect(second.next).toBeNull();
    expect(database.statements()).toHaveLength(2);
  });
});
