import { randomUUID } from 'node:crypto';
import type { ListTicketsQuery } from '@bellhop/contracts/http';
import { rowsRead } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { myList } from './my-list.js';

let database: TicketsDatabase;
const run = (sql: string, values: unknown[] = []) => database.dataSource.query(sql, values);

/** Of other people, each with five tickets of two messages. */
const OTHERS = 20_000;

beforeAll(async () => {
  database = await migratedDatabase();
  // Postgres has looked at a table of closed tickets, and not again.
  await run(
    `insert into people (id, is_agent, changed_at)
     select 'customer-' || n, false, now() from generate_series(0, $1::integer / 5) n
     union all values ('ada', false, now()), ('mira', true, now())`,
    [OTHERS],
  );
  await run(
    `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
     select gen_random_uuid(), 'N' || n, 'closed', 'other', 'normal', 2, 1, 'Another Order', 'customer-' || n / 5, now(), now() - make_interval(secs => n)
       from generate_series(1, $1::integer) n`,
    [OTHERS],
  );
  await run(
    `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), id, n, 'message', 'customer', requester_id, 'The order again', now()
       from tickets cross join generate_series(1, 2) n`,
  );
  await run('analyze');
});
afterAll(() => database?.stop());

interface Draft {
  readonly requester?: string;
  readonly number?: string;
  readonly status?: string;
  readonly subject?: string;
  readonly minutesAgo?: number;
  readonly seen?: number;
  /** Texts of agents begin with `> `. */
  readonly texts?: readonly string[];
}

async function filed(draft: Draft): Promise<string> {
  const { requester = 'ada', status = 'open', subject = 'S', minutesAgo = 0, seen = 1, texts = ['B'] } = draft;
  const id = randomUUID();
  await run(
    `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
     values ($1, $2, $3, 'other', 'normal', $4, $5, $6, $7, now(), date_trunc('hour', now()) - make_interval(mins => $8))`,
    [id, draft.number ?? id.slice(0, 8), status, texts.length, seen, subject, requester, minutesAgo],
  );
  await run(
    `insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), $1, n, 'message', case when body like '> %' then 'agent' else 'customer' end, 'mira', body, now()
       from unnest($2::text[]) with ordinality as said(body, n)`,
    [id, texts],
  );
  return id;
}

const page = (query: Partial<ListTicketsQuery>, requester = 'ada') =>
  myList(database.dataSource, requester, { limit: 25, ...query });
const found = async (query: Partial<ListTicketsQuery>, requester?: string) =>
  (await page(query, requester)).items.map(({ id }) => id);

async function newRequester(): Promise<string> {
  const id = `requester-${randomUUID()}`;
  await run(`insert into people (id, is_agent, changed_at) values ($1, false, now())`, [id]);
  return id;
}

describe('a list', () => {
  it('has the newest message, and counts those of agents that the requester has not seen', async () => {
    const texts = ['> Hello', 'Hm', '> One\n more', '> and more', 'Mine'];
    const id = await filed({ seen: 2, texts });
    const { items } = await page({});
    expect(items.find((item) => item.id === id)).toMatchObject({
      unread: 2,
      lastMessage: { by: 'customer', excerpt: 'Mine' },
    });
  });

  it.each([1, 2, 3, 25])('of open tickets, %s a page, shows those that wait for the requester first', async (limit) => {
    const requester = await newRequester();
    const mine = (status: string, minutesAgo: number) => filed({ requester, status, minutesAgo });
    const old = await mine('waiting', 90);
    const open = await mine('open', 1);
    // Two of one moment, between which a page ends.
    const twins = [await mine('waiting', 30), await mine('waiting', 30)].sort().reverse();
    const resolved = await mine('resolved', 60);
    await mine('closed', 0);
    const shown: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, next } = await page({ status: 'open', limit, ...(cursor && { cursor }) }, requester);
      shown.push(...items.map(({ id }) => id));
      if (next === null) break;
      cursor = next;
    }
    expect(shown).toEqual([...twins, old, open, resolved]);
  });
});

describe('a search', () => {
  let requester: string;
  let card: string;
  let city: string;

  beforeAll(async () => {
    requester = await newRequester();
    card = await filed({ requester, number: '7K4M2Q', subject: 'Card 100% lost', texts: ['In ŁÓDŹ', '> Which_one?'] });
    city = await filed({ requester, subject: 'Łódź', texts: ['Card?', 'A back\\slash'], minutesAgo: 5 });
    await filed({ requester: 'ada', subject: 'Card of somebody else' });
  });

  it.each<[string, ('card' | 'city')[]]>([
    ['card', ['card', 'city']],
    ['CARD lost', ['card']],
    ['łódź', ['card', 'city']],
    ['łódź which', ['card']],
    ['łódź which'.normalize('NFD'), ['card']],
    ['#7k4m2q', ['card']],
    ['7K4', ['card']],
    ['100%', ['card']],
    ['h_o', ['card']],
    ['0%', ['card']],
    ['_', ['card']],
    ['k\\s', ['city']],
    ['else', []],
    ["' or true --", []],
  ])('for %j finds %j', async (q, expected) => {
    const wanted = expected.map((name) => (name === 'card' ? card : city));
    expect(await found({ q }, requester)).toEqual(wanted);
  });

  it('finds a number as people read it out', async () => {
    const id = await filed({ requester, number: '01V0XY', minutesAgo: 9 });
    for (const q of ['O1VOXY', '#olv0xy', '01v 0xy']) expect([q, await found({ q }, requester)]).toEqual([q, [id]]);
  });

  it('turns pages, and keeps to the status', async () => {
    const first = await page({ q: 'card', limit: 1 }, requester);
    expect(first.items.map(({ id }) => id)).toEqual([card]);
    const second = await page({ q: 'card', limit: 1, cursor: first.next ?? '' }, requester);
    expect(second).toMatchObject({ items: [{ id: city }], next: null });
    expect(await found({ q: 'card', status: 'closed' }, requester)).toEqual([]);
  });
});

describe('a plan that is made once, with statistics of a quiet time', () => {
  it.each(['list', 'search'])('reads for a %s only what is the requester’s', async (what) => {
    const requester = await newRequester();
    for (const status of ['open', 'waiting', 'closed']) await filed({ requester, status, texts: ['A card', '> Yes'] });
    database.statements();
    await page(what === 'list' ? {} : { q: 'card' }, requester);
    const [statement, ...others] = database.statements();
    expect(others).toEqual([]);
    const literals = (statement?.parameters ?? []).map((value) =>
      Array.isArray(value) ? `array['${value.join(`','`)}']` : `'${value}'`,
    );
    const types = ['text', 'text[]', 'integer[]', 'timestamptz[]', 'uuid[]', 'integer', 'text[]', 'text'];
    await database.dataSource.transaction(async (manager) => {
      await manager.query('set local plan_cache_mode = force_generic_plan');
      await manager.query(`prepare a_page as ${statement?.sql}`);
      const values = literals.map((literal, at) => `${literal}::${types[at]}`).join(', ');
      const { rows, where } = await rowsRead((sql) => manager.query(sql), `execute a_page(${values})`, []);
      expect(rows > 30 ? where : 'few').toBe('few');
      await manager.query('deallocate a_page');
    });
  });
});
