import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery } from '../../test/delivery-rows.js';
import { purgeRecords } from './purge-records.js';

const BATCH_SIZE = 5_000;

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, decisions, told, known_tickets, frozen_requests, suppressions'));

const purge = (signal = new AbortController().signal) => purgeRecords(dataSource, { signal });
const ago = (age: string) => `now() - interval '${age}'`;
const namesIn = async (table: string, column: string): Promise<string[]> =>
  (await dataSource.query(`select ${column} as name from ${table} order by 1`)).map(
    (row: { name: string }) => row.name,
  );
const insertDecisions = (count: number, age: string, prefix = 'e') =>
  dataSource.query(
    `insert into decisions select 'crm', $2 || n, 'ticket.seen.v1', '', 'email', null, 'nobody_hears', ${ago(age)}
     from generate_series(1, $1::int) n`,
    [count, prefix],
  );

describe('purging', () => {
  it('deletes settled deliveries after 30 days; unsettled ones stay at any age', async () => {
    const longAgo = new Date(Date.now() - 400 * 86_400_000);
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    for (const state of ['accepted', 'dead', 'skipped']) {
      await insertDelivery(dataSource, { recipient_key: `old-${state}`, state, settled_at: daysAgo(31) });
      await insertDelivery(dataSource, { recipient_key: `young-${state}`, state, settled_at: daysAgo(29) });
    }
    const waiting = ['leased', 'pending', 'retrying', 'sending', 'unknown'];
    for (const state of waiting) {
      const moments = { first_at: longAgo, due_at: longAgo, attempted_at: longAgo, lease_until: longAgo };
      await insertDelivery(dataSource, { recipient_key: `ancient-${state}`, state, ...moments });
    }
    expect(await purge()).toBe(3);
    expect(await namesIn('deliveries', 'recipient_key')).toEqual([
      ...waiting.map((state) => `ancient-${state}`),
      'young-accepted',
      'young-dead',
      'young-skipped',
    ]);
  });

  it('deletes the delivery of a code after 72 hours, as tickets deletes an unproven ticket', async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (const [template, hours] of [
      ['code', 73],
      ['code', 71],
      ['link', 73],
    ] as const) {
      const about = { recipient_key: `${template}-${hours}`, template, settled_at: hoursAgo(hours) };
      await insertDelivery(dataSource, { request_id: randomUUID(), state: 'accepted', ...about });
    }
    expect(await purge()).toBe(1);
    expect(await namesIn('deliveries', 'recipient_key')).toEqual(['code-71', 'link-73']);
  });

  it('deletes decisions after 30 days', async () => {
    await insertDecisions(2, '31 days', 'old-');
    await insertDecisions(1, '29 days', 'young-');
    expect(await purge()).toBe(2);
    expect(await namesIn('decisions', 'event_id')).toEqual(['young-1']);
  });

  it('deletes watermarks and tickets after 90 days', async () => {
    for (const [name, age] of [
      ['old', '91 days'],
      ['young', '89 days'],
    ]) {
      await dataSource.query(`insert into told values ($1, 'crm', 'T', 'email', 1, ${ago(String(age))})`, [name]);
      await dataSource.query(
        `insert into known_tickets values ('crm', $1, 1, 'crm:user:u', 0, 0, ${ago(String(age))})`,
        [name],
      );
    }
    expect(await purge()).toBe(2);
    expect(await namesIn('told', 'recipient_key')).toEqual(['young']);
    expect(await namesIn('known_tickets', 'ticket_id')).toEqual(['young']);
  });

  it('deletes frozen requests after an hour that no unsettled delivery is part of', async () => {
    const [left, used, young] = [randomUUID(), randomUUID(), randomUUID()];
    const freeze = (id: string, age: string) =>
      dataSource.query(`insert into frozen_requests values ($1, 'x', ${ago(age)})`, [id]);
    await Promise.all([freeze(left, '61 minutes'), freeze(used, '61 minutes'), freeze(young, '59 minutes')]);
    const settled = { state: 'accepted', settled_at: new Date(), batch_id: left, recipient_key: 'crm:user:settled' };
    await insertDelivery(dataSource, settled);
    await insertDelivery(dataSource, { state: 'retrying', batch_id: used });
    expect(await purge()).toBe(1);
    expect(await namesIn('frozen_requests', 'batch_id')).toEqual([used, young].sort());
  });

  it('deletes frozen requests after 23 hours, except one that is being sent', async () => {
    const freeze = (id: string, age: string) =>
      dataSource.query(`insert into frozen_requests values ($1, 'x', ${ago(age)})`, [id]);
    const of = async (state: string) => {
      const batch_id = randomUUID();
      await insertDelivery(dataSource, { recipient_key: state, state, batch_id });
      return batch_id;
    };
    const [retrying, unknown, sending, young] = [
      await of('retrying'),
      await of('unknown'),
      await of('sending'),
      await of('retrying'),
    ];
    for (const id of [retrying, unknown, sending, randomUUID()]) await freeze(id, '24 hours');
    await freeze(young, '22 hours');
    expect(await purge()).toBe(3);
    expect(await namesIn('frozen_requests', 'batch_id')).toEqual([sending, young].sort());
    expect(await namesIn('deliveries', 'id')).toHaveLength(4);
  });

  it('never deletes a suppression: a person lifts it', async () => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id, suppressed_at)
       values ('email', 'u@example.com', '550', gen_random_uuid(), ${ago('10 years')})`,
    );
    expect(await purge()).toBe(0);
    expect(await namesIn('suppressions', 'endpoint')).toHaveLength(1);
  });

  it('continues batch by batch until nothing is left', async () => {
    await insertDecisions(2 * BATCH_SIZE + 1, '31 days');
    expect(await purge()).toBe(2 * BATCH_SIZE + 1);
    expect(await namesIn('decisions', 'event_id')).toEqual([]);
  });

  it('ends after the current batch when the process stops', async () => {
    await insertDecisions(BATCH_SIZE + 1, '31 days');
    await dataSource.query(`insert into told values ('old', 'crm', 'T', 'email', 1, ${ago('91 days')})`);
    const stopping = new AbortController();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('lock table decisions in exclusive mode');
    const purging = purge(stopping.signal);
    await waitFor(
      async () => {
        const waiting: unknown[] = await dataSource.query(
          `select 1 from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from decisions%'`,
        );
        return waiting.length > 0;
      },
      { what: 'the purge of decisions to be under way' },
    );
    stopping.abort();
    await runner.rollbackTransaction();
    await runner.release();
    expect(await purging).toBe(BATCH_SIZE);
    expect(await namesIn('decisions', 'event_id')).toHaveLength(1);
    expect(await purge(stopping.signal)).toBe(0);
    expect(await namesIn('told', 'recipient_key')).toEqual(['old']);
  });

  it('skips locked rows, and deletes them the next time', async () => {
    await dataSource.query(`insert into told values ('held', 'crm', 'T', 'email', 1, ${ago('91 days')})`);
    await dataSource.query(`insert into told values ('free', 'crm', 'T', 'email', 1, ${ago('91 days')})`);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select 1 from told where recipient_key = 'held' for update`);
    expect(await purge()).toBe(1);
    await runner.rollbackTransaction();
    await runner.release();
    expect(await namesIn('told', 'recipient_key')).toEqual(['held']);
    expect(await purge()).toBe(1);
  });
});
