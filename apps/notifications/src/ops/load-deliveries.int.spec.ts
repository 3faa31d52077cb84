import type { DeliveryState } from '@bellhop/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { listDeliveries } from './load-deliveries.js';
import { pickReplayable } from './pick-replayable.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

/** Enough rows that Postgres must choose a plan: one in 500 is dead, the newest few are pending. */
const MANY = 20_000;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
  await dataSource.query(
    `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role,
       recipient_kind, endpoint, channel, template, template_version, template_rank, replies, event_ids, priority,
       is_immediate, state, first_at, due_at)
     select uuidv7(), 'crm', 'T-' || n / 100, 'N' || n / 100, 1, 'crm:user:' || n, 'requester', 'user', 'a@example.com', 'email',
       'replied', 1, 1, 1, array['e-' || n], 2, false,
       case when n % 500 = 0 then 'dead' when n > $1 - 10 then 'pending' else 'accepted' end, now(), now()
     from generate_series(1, $1::int) as n`,
    [MANY],
  );
  await dataSource.query('analyze deliveries');
});
afterAll(() => stop?.());

/** Runs queries, and keeps the plan of the last one. */
function explaining() {
  const seen = { plan: '', query };
  async function query<Rows>(sql: string, parameters?: unknown[]): Promise<Rows> {
    const lines: { 'QUERY PLAN': string }[] = await dataSource.query(`explain ${sql}`, parameters);
    seen.plan = lines.map((line) => line['QUERY PLAN']).join('\n');
    return dataSource.query<Rows>(sql, parameters);
  }
  return seen;
}

async function walk(filter: { state?: DeliveryState; ticket?: string }, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await listDeliveries(dataSource, { ...filter, limit, cursor });
    found.push(...items.map(({ id }) => id));
    if (next === null) return found;
    cursor = next;
  }
}

describe('a page of deliveries', () => {
  it.each([[{}], [{ state: 'accepted' }], [{ system: 'crm' }]] as const)(
    'is a piece of the primary key, nothing is sorted, however many there are: %j',
    async (filter) => {
      const database = explaining();
      const { items, next } = await listDeliveries(database, { ...filter, limit: 100 });
      expect(database.plan).toContain('Index Scan Backward using deliveries_pkey');
      await listDeliveries(database, { ...filter, limit: 100, cursor: next ?? undefined });
      expect(database.plan).toMatch(/Index Cond: \(id < /);
      expect(database.plan).not.toContain('Sort');
      expect(items).toHaveLength(100);
    },
  );

  it.each(['dead', 'pending'] as const)('of few that are %s is found by a partial index', async (state) => {
    const database = explaining();
    await listDeliveries(database, { state, limit: 100 });
    expect(database.plan).toMatch(/deliveries_(stuck|folding|due)/);
    if (state === 'pending') return;
    await pickReplayable(database, { state }, null, 500);
    expect(database.plan).toContain('deliveries_stuck');
  });

  it('leads to the next until all were read, newest first, each once', async () => {
    const dead: { id: string }[] = await dataSource.query(
      `select id from deliveries where state = 'dead' order by id desc`,
    );
    expect(dead).toHaveLength(MANY / 500);
    // Also with a last page that is full.
    for (const limit of [7, 20, 40, 100])
      expect(await walk({ state: 'dead' }, limit)).toEqual(dead.map(({ id }) => id));
    for (const ticket of ['N7', 'n7', 'T-7']) expect(await walk({ ticket }, 30)).toHaveLength(100);
  });

  it.each([
    '2026-02-30T00:00:00.000000Z',
    Buffer.from('0000-01-01T00:00:00.000000Z/0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11').toString('base64url'),
    'nonsense',
    '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c1g',
    '',
  ])('does not follow upon a cursor that is no id: %j', async (cursor) => {
    const page = listDeliveries(dataSource, { limit: 1, cursor });
    await expect(page).rejects.toMatchObject({ status: 400, code: 'invalid_cursor' });
  });
});
