import { buildEvent } from '@bellhop/contracts/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { commit, freshDatabase, ledger } from '../test/fixture.js';
import { claimEvents } from './inbox/claim-events.js';
import { purgeInbox, purgeLedger } from './purge.js';
import { readBacklog } from './sql/backlog.js';

describe('purging', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await database.open();
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('truncate outbox, inbox'));

  it('keeps the ledger for three days and deletes it in batches', async () => {
    await publishedDaysAgo(2.9, 3);
    await publishedDaysAgo(3.1, 25);
    expect(await purgeLedger(dataSource, { batchSize: 10 })).toBe(25);
    expect(await ledger(dataSource)).toHaveLength(3);
    expect(await purgeLedger(dataSource)).toBe(0);
  });

  it('never deletes what is not published, however old', async () => {
    await commit(dataSource, buildEvent('ticket.created.v1'));
    await dataSource.query(`update outbox set created_at = now() - interval '1 year'`);
    expect(await purgeLedger(dataSource)).toBe(0);
    expect(await ledger(dataSource)).toHaveLength(1);
  });

  it('knows an event for 30 days and deletes in batches', async () => {
    await claimedDaysAgo(30, ['kept']);
    await claimedDaysAgo(
      31,
      Array.from({ length: 25 }, (_, i) => `old-${i}`),
    );
    expect(await purgeInbox(dataSource, { batchSize: 10 })).toBe(25);
    expect(await dataSource.query('select event_id from inbox')).toEqual([{ event_id: 'kept' }]);
  });

  it('ends after the current batch when stopped', async () => {
    await claimedDaysAgo(
      40,
      Array.from({ length: 25 }, (_, i) => `old-${i}`),
    );
    const stopping = new AbortController();
    const purging = purgeInbox(dataSource, { batchSize: 10, signal: stopping.signal });
    stopping.abort();
    expect(await purging).toBe(10);
  });

  it.each(['outbox_ledger', 'inbox_seen_on'])(
    'finds what is old by the index %s, not by reading the whole table',
    async (index) => {
      await fillBoth();
      const plan = JSON.stringify(await explainPurge(index));
      expect(plan).toContain(index);
      expect(plan).not.toContain('"Node Type":"Seq Scan"');
    },
  );

  it('reports the number of unpublished events and the age of the oldest', async () => {
    expect(await readBacklog(dataSource)).toEqual({ count: 0, oldestSeconds: 0 });
    await publishedDaysAgo(1, 2);
    await commit(dataSource, buildEvent('ticket.created.v1'), buildEvent('ticket.replied.v1'));
    await dataSource.query(`update outbox set created_at = now() - interval '90 seconds' where published_at is null`);
    const backlog = await readBacklog(dataSource);
    expect(backlog.count).toBe(2);
    expect(backlog.oldestSeconds).toBeGreaterThanOrEqual(90);
    expect(backlog.oldestSeconds).toBeLessThan(120);
  });

  async function publishedDaysAgo(days: number, count: number): Promise<void> {
    await dataSource.query(
      `insert into outbox (event_id, subject, data, published_at, stream, sequence)
       select gen_random_uuid(), 's', '{}', now() - $1 * interval '1 day', 'TICKETS', n from generate_series(1, $2) n`,
      [days, count],
    );
  }

  async function claimedDaysAgo(days: number, ids: string[]): Promise<void> {
    await dataSource.transaction((manager) =>
      claimEvents(
        manager,
        'notifications',
        ids.map((eventId) => ({ system: 'crm', eventId })),
      ),
    );
    await dataSource.query(
      `update inbox set seen_on = (now() at time zone 'utc')::date - $1::int where event_id = any($2)`,
      [days, ids],
    );
  }

  async function fillBoth(): Promise<void> {
    for (const days of [0.5, 1, 1.5, 2, 2.5, 3.5]) await publishedDaysAgo(days, 2_000);
    await dataSource.query(`insert into inbox (consumer, system, event_id, seen_on)
      select 'notifications', 'crm', gen_random_uuid(), (now() at time zone 'utc')::date - n % 32 from generate_series(1, 20000) n`);
    await dataSource.query('analyze outbox, inbox');
  }

  /** The plan of the statement that the purge itself ran, as the server logs it for us. */
  async function explainPurge(index: string): Promise<unknown> {
    let text = '';
    const spy = {
      async query(sql: string) {
        text = sql;
        return [[], 0];
      },
    } as unknown as DataSource;
    await (index === 'outbox_ledger' ? purgeLedger(spy) : purgeInbox(spy));
    return dataSource.query(`explain (format json) ${text}`, index === 'outbox_ledger' ? [3, 5_000] : [30, 5_000]);
  }
});
