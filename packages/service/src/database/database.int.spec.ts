import { freePort, type PostgresServer, startPostgres, startTcpProxy, waitFor } from '@bellhop/local-stack';
import { dataSourceFor } from '@bellhop/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { undoAfterEach } from '../../test/after-each.js';
import { CreateThings } from '../../test/fixture/src/create-things.js';
import { migrate } from '../../test/test-service.js';
import { Database } from './database.js';

const undo = undoAfterEach();
let postgres: PostgresServer;
beforeAll(async () => {
  Logger.overrideLogger(false);
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

function databaseAt(url: string): Database {
  const dataSource = dataSourceFor({ service: 'test', url, poolSize: 2 });
  const background = dataSourceFor({ service: 'test', url, poolSize: 2, hasGenericPlans: true });
  const database = new Database({ dataSource, background, url, migrations: [CreateThings] });
  undo(() => database.close());
  return database;
}

const problemLike = (database: Database, pattern: RegExp) =>
  waitFor(async () => pattern.test((await database.problem()) ?? ''), { what: `the problem ${pattern}` });

describe('a database', () => {
  it('that was not provisioned is not ready, says what to run, and is not touched', async () => {
    const url = await postgres.createDatabase();
    const database = databaseAt(url);
    database.start();
    await problemLike(database, /lacks 1 migration\(s\), the first is CreateThings\d+: run `npm run provision`/);
    expect([database.isReady, await database.isHealthy()]).toEqual([false, false]);
    const tables = await database.dataSource.query(`select 1 from pg_tables where schemaname = 'public'`);
    expect(tables).toEqual([]);
    await migrate(url, [CreateThings]);
    expect(await database.whenReady()).toBe(database.dataSource);
    expect(await database.whenBackgroundReady()).toBe(database.background);
    expect(await database.background.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect([database.isReady, await database.isHealthy(), await database.problem()]).toEqual([true, true, null]);
  });

  it('that does not exist yet, or not with this password, is told apart from one that is away', async () => {
    const url = new URL(await postgres.createDatabase());
    const wrong = (change: (copy: URL) => void) => {
      const copy = new URL(url);
      change(copy);
      return databaseAt(copy.href);
    };
    const away = await freePort();
    const cases: [Database, RegExp][] = [
      [
        wrong((copy) => {
          copy.pathname = '/missing';
        }),
        /has no database missing: create it/,
      ],
      [
        wrong((copy) => {
          copy.password = 'wrong-secret';
        }),
        /refused the user or the password/,
      ],
      [
        wrong((copy) => {
          copy.port = String(away);
        }),
        /does not answer \(ECONNREFUSED\)/,
      ],
    ];
    for (const [database, pattern] of cases) {
      database.start();
      await problemLike(database, pattern);
      expect(await database.problem()).not.toMatch(/secret/);
    }
  });

  it('that goes away is unhealthy within seconds and healthy again by itself, even if every connection is busy', async () => {
    const own = await startPostgres();
    undo(() => own.stop());
    const url = await own.createDatabase();
    await migrate(url, [CreateThings]);
    const database = databaseAt(url);
    database.start();
    await database.whenReady();
    const runners = [1, 2].map(() => database.dataSource.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.connect()));
    expect(await database.isHealthy()).toBe(true);
    await own.pause();
    await waitFor(async () => !(await database.isHealthy()), { what: 'an unhealthy database' });
    expect(await database.problem()).toMatch(/does not answer/);
    await own.resume();
    await waitFor(() => database.isHealthy(), { what: 'a healthy database' });
    expect(await database.problem()).toBeNull();
    await Promise.all(runners.map((runner) => runner.release()));
    expect(await database.dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('that hangs without a word is unhealthy after two seconds, and healthy on the next connection', async () => {
    const url = new URL(await postgres.createDatabase());
    await migrate(url.href, [CreateThings]);
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const database = databaseAt(url.href);
    // Undone first: a connection that hangs cannot be closed in order.
    undo(() => proxy.stop());
    database.start();
    await database.whenReady();
    proxy.hang();
    const startedAt = performance.now();
    await waitFor(async () => !(await database.isHealthy()), { what: 'an unhealthy database' });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    proxy.serveNewOnes();
    await waitFor(() => database.isHealthy(), { what: 'a healthy database' });
  });

  it('that takes no writes, as a standby does, is told after three refusals, and is well again by itself', async () => {
    const own = await startPostgres();
    undo(() => own.stop());
    const url = await own.createDatabase();
    await migrate(url, [CreateThings]);
    const admin = new pg.Client(own.url);
    await admin.connect();
    undo(() => admin.end());
    const database = databaseAt(url);
    database.start();
    await database.whenReady();
    await admin.query('alter system set default_transaction_read_only = on');
    await admin.query('select pg_reload_conf()');
    await problemLike(
      database,
      /takes no writes: it is a standby or set to read only. Point DATABASE_URL to the primary/,
    );
    // Its errors are transient by their code; what asks for health goes on to ask whether it answers.
    expect(await database.isHealthy()).toBe(true);
    await admin.query('set default_transaction_read_only = off');
    await admin.query('alter system reset default_transaction_read_only');
    await admin.query('select pg_reload_conf()');
    await waitFor(async () => (await database.problem()) === null, { what: 'a database that takes writes' });
  });

  it('whose connection breaks while it is asked how it is, is unhealthy and ends no process', async () => {
    const url = new URL(await postgres.createDatabase());
    await migrate(url.href, [CreateThings]);
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const database = databaseAt(url.href);
    undo(() => proxy.stop());
    database.start();
    await database.whenReady();
    expect(await database.isHealthy()).toBe(true);
    const hungAt = performance.now();
    proxy.hang();
    // An answer about health holds for a quarter of a second.
    await waitFor(() => performance.now() > hungAt + 300);
    const asked = database.isHealthy();
    await waitFor(() => performance.now() > hungAt + 400);
    proxy.reset();
    expect(await asked).toBe(false);
    proxy.heal();
    await waitFor(() => database.isHealthy(), { what: 'a healthy database' });
  });

  it('lets nobody hold it up for ever: neither a statement, nor a lock, nor a forgotten transaction', async () => {
    const url = await postgres.createDatabase();
    const limits = async (hasNoTimeout: boolean) => {
      const dataSource = await dataSourceFor({ service: 'test', url, hasNoTimeout }).initialize();
      undo(() => dataSource.destroy());
      const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
      return Promise.all(
        names.map(async (name) => (await dataSource.query('select current_setting($1) as value', [name]))[0].value),
      );
    };
    expect(await limits(false)).toEqual(['30s', '10s', '30s']);
    expect(await limits(true)).toEqual(['0', '0', '0']);
  });

  it('that is looked for in vain leaves no connection behind when we stop', async () => {
    const url = await postgres.createDatabase('left_behind');
    const database = databaseAt(url);
    database.start();
    await problemLike(database, /lacks 1 migration/);
    await database.close();
    const admin = await dataSourceFor({ service: 'admin', url: postgres.url }).initialize();
    undo(() => admin.destroy());
    const connections = () =>
      admin.query(`select application_name from pg_stat_activity where datname = 'left_behind'`) as Promise<unknown[]>;
    await waitFor(async () => (await connections()).length === 0, { what: 'no connection' });
  });
});
