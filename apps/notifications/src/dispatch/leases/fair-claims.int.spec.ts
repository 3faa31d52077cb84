import { randomUUID } from 'node:crypto';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { emailOver } from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { claimDue } from './claim-due.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told'));

const URGENT = 1;
const USUAL = 2;

async function waiting(system: string, count: number, priority = USUAL, due = '-1 second'): Promise<void> {
  await dataSource.query(
    `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind,
       endpoint, channel, template, template_version, template_rank, replies, event_ids, priority, is_immediate, state,
       first_at, due_at)
     select uuidv7(), $1, 'T', 'N', 3, $1 || ':' || uuidv7(), 'requester', 'user', 'a@example.com', 'email', 'replied', 3, 1, 1,
       '{e}', $3, false, 'pending', now(), now() + $4::interval from generate_series(1, $2::int)`,
    [system, count, priority, due],
  );
}

const claim = (limit: number) =>
  claimDue(dataSource, { channel: emailOver(), limit, requestedLimit: limit, owner: randomUUID(), leaseMs: 30_000 });

function countsOf(claimed: readonly LeasedDelivery[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { system } of claimed) counts[system] = (counts[system] ?? 0) + 1;
  return counts;
}

describe('places of dispatch', () => {
  it('S40 are shared among the systems, however urgent, and the first of each system comes first', async () => {
    await waiting('crm', 6_000, URGENT, '-1 hour');
    await waiting(OWN_SYSTEM, 1);
    await waiting('erp', 300);
    const claimed = await claim(90);
    const { crm = 0, erp = 0, [OWN_SYSTEM]: ours } = countsOf(claimed);
    expect({ ours, all: claimed.length }).toEqual({ ours: 1, all: 90 });
    expect(Math.min(crm, erp)).toBeGreaterThanOrEqual(30);
    expect(claimed.slice(0, 3).map(({ system }) => system)).toContain(OWN_SYSTEM);
  });

  it.each([
    ['one system has all', { crm: 50 }, 20, { crm: 20 }],
    ['one system has fewer than places', { crm: 5 }, 20, { crm: 5 }],
    ['two have enough', { crm: 50, erp: 50 }, 20, { crm: 10, erp: 10 }],
    ['what one does not need goes to the other', { crm: 50, erp: 3 }, 20, { crm: 17, erp: 3 }],
    ['what two do not need goes to the third', { bellhop: 2, crm: 50, erp: 3 }, 20, { bellhop: 2, crm: 15, erp: 3 }],
    ['a number that cannot be divided', { bellhop: 9, crm: 9, erp: 9 }, 9, { bellhop: 3, crm: 3, erp: 3 }],
    ['room for all', { bellhop: 4, crm: 2, erp: 1 }, 20, { bellhop: 4, crm: 2, erp: 1 }],
    ['nothing waits', {}, 20, {}],
    ['no places', { crm: 5 }, 0, {}],
  ])('S40 %s', async (_, systems, limit, expected) => {
    for (const [system, count] of Object.entries(systems)) await waiting(system, count);
    expect(countsOf(await claim(limit))).toEqual(expected);
  });

  it.each([5, 4])('S40 are all used when they cannot be divided evenly: %i places for three systems', async (limit) => {
    for (const system of ['bellhop', 'crm', 'erp']) await waiting(system, 9);
    const counts = Object.values(countsOf(await claim(limit)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(limit);
    expect(counts).toHaveLength(3);
  });

  it('S40 go to each system in turn when there are fewer places than systems', async () => {
    await waiting('crm', 500, URGENT);
    await waiting(OWN_SYSTEM, 100);
    let turns = 0;
    // By chance: the odds that sixty of sixty go to one system are one in 2^60.
    for (let index = 0; index < 60; index++) turns += countsOf(await claim(1))[OWN_SYSTEM] ?? 0;
    expect(turns).toBeGreaterThan(0);
    expect(turns).toBeLessThan(60);
  });

  it('S40 within a system urgent ones go first, and what is not due waits', async () => {
    await waiting('crm', 10, USUAL, '-1 hour');
    await waiting('crm', 5, URGENT);
    await waiting('crm', 5, URGENT, '1 hour');
    await waiting('erp', 10, USUAL, '1 hour');
    const claimed = await claim(10);
    expect(countsOf(claimed)).toEqual({ crm: 10 });
    const rows: { id: string; priority: number }[] = await dataSource.query('select id, priority from deliveries');
    const priorities = new Map(rows.map(({ id, priority }) => [id, priority]));
    expect(claimed.map(({ id }) => priorities.get(id))).toEqual([...Array(5).fill(URGENT), ...Array(5).fill(USUAL)]);
  });

  it('S40 many dispatchers at once take each delivery once, of all systems', async () => {
    for (const system of ['bellhop', 'crm', 'erp']) await waiting(system, 100);
    const claims: LeasedDelivery[] = [];
    // A dispatcher skips rows that another one has locked, and claims again.
    while (claims.length < 300) {
      const more = (await Promise.all([claim(40), claim(40), claim(40), claim(40)])).flat();
      expect(more.length).toBeGreaterThan(0);
      claims.push(...more);
    }
    expect(new Set(claims.map(({ id }) => id)).size).toBe(300);
    expect(countsOf(claims)).toEqual({ bellhop: 100, crm: 100, erp: 100 });
  });
});
