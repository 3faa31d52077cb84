import { type TestDatabase, testDatabase, waitFor } from '@bellhop/local-stack';
import { dataSourceFor } from '@bellhop/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { undoAfterEach } from '../../test/after-each.js';
import { Database } from '../database/database.js';
import { Housekeeping } from './housekeeping.js';

const undo = undoAfterEach();
let testing: TestDatabase;
let database: Database;
beforeAll(async () => {
  Logger.overrideLogger(false);
  testing = await testDatabase();
  database = new Database({
    dataSource: dataSourceFor({ service: 'test', url: testing.url }),
    url: testing.url,
    migrations: [],
  });
  database.start();
  await database.whenReady();
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

describe('Housekeeping', () => {
  it('runs in one replica at a time, and gives the lock back', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const replicas = [1, 2, 3].map(() => new Housekeeping(database));
    for (const replica of replicas) {
      replica.add('slow', async (dataSource) => {
        running += 1;
        most = Math.max(most, running);
        await dataSource.query('select pg_sleep(0.3)');
        running -= 1;
        runs += 1;
        return 1;
      });
    }
    await Promise.all(replicas.map((replica) => replica.runOnce()));
    expect([most, runs]).toEqual([1, 1]);
    await replicas[2]?.runOnce();
    expect(runs).toBe(2);
  });

  it('gives the lock back when a purge fails', async () => {
    const failing = new Housekeeping(database);
    failing.add('fails', () => Promise.reject(new Error('no such table')));
    await expect(failing.runOnce()).rejects.toThrow('no such table');
    let runs = 0;
    const working = new Housekeeping(database);
    working.add('works', async () => {
      runs += 1;
      return 0;
    });
    // The server frees it when it notices that the connection has gone.
    await waitFor(
      async () => {
        await working.runOnce();
        return runs === 1;
      },
      { what: 'the lock to be free' },
    );
  });

  it('lets the lock die with the connection when it cannot be given back', async () => {
    // A server whose unlock fails while the connection lives: ours is found first.
    await database.dataSource.query(`
      create function pg_advisory_unlock(bigint) returns boolean language plpgsql
      as $$ begin raise exception 'no unlocking'; end $$`);
    const url = new URL(testing.url);
    url.searchParams.set('options', '-c search_path=public,pg_catalog');
    const other = new Database({
      dataSource: dataSourceFor({ service: 'test', url: url.href }),
      url: url.href,
      migrations: [],
    });
    undo(() => other.close());
    undo(() => database.dataSource.query('drop function public.pg_advisory_unlock'));
    other.start();
    await other.whenReady();
    await expect(new Housekeeping(other).runOnce()).rejects.toThrow('no unlocking');
    let runs = 0;
    const next = new Housekeeping(database);
    next.add('works', async () => ++runs);
    await waitFor(async () => next.runOnce().then(() => runs > 0), { what: 'the lock to be free', timeoutMs: 5_000 });
  });

  it('survives the loss of its connection in the middle of a purge', async () => {
    const housekeeping = new Housekeeping(database);
    housekeeping.add('outlives the lock', async (dataSource) => {
      const holders = `select pid from pg_locks
        where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
      await dataSource.query(`select pg_terminate_backend(pid) from (${holders}) as holder`);
      await waitFor(async () => (await dataSource.query(holders)).length === 0, { what: 'the lock to be gone' });
      return 0;
    });
    await expect(housekeeping.runOnce()).rejects.toThrow(/terminat|not queryable/);
  });

  it('tells a purge in progress to end when the process stops', async () => {
    const housekeeping = new Housekeeping(database);
    let seen: AbortSignal | undefined;
    housekeeping.add('long', async (_dataSource, { signal }) => {
      seen = signal;
      return 0;
    });
    await housekeeping.runOnce();
    await housekeeping.stop();
    expect(seen?.aborted).toBe(true);
  });
});
