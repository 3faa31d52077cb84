import { type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataSource, QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { PostgresClient } from './client.js';
import { dataSourceFor } from './data-source.js';
import { prepared } from './prepared.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await dataSourceFor({ service: 'spec', url: database.url, hasGenericPlans: true }).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

describe('prepared', () => {
  it('has a statement planned once, and nothing else', async () => {
    const statements = await dataSource.transaction(async (manager) => {
      for (const number of [1, 2, 3]) {
        expect(await prepared(manager, 'doubled', 'select $1::int * 2 as doubled', [number])).toEqual([
          { doubled: number * 2 },
        ]);
        await manager.query('select $1::int * 3', [number]);
      }
      return manager.query(
        'select name, generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements',
      );
    });
    expect(statements).toEqual([{ name: 'doubled', generic: 3, custom: 0 }]);
  });

  it('takes a connection of the pool outside a transaction, and gives it back', async () => {
    const pids = await Promise.all(
      Array.from({ length: 30 }, () =>
        prepared<[{ pid: number }]>(dataSource, 'whose', 'select pg_backend_pid() as pid', []),
      ),
    );
    expect(new Set(pids.map(([row]) => row.pid)).size).toBeLessThanOrEqual(10);
  });

  it('is part of the transaction', async () => {
    await dataSource.query('create table things (name text)');
    const failing = dataSource.transaction(async (manager) => {
      await prepared(manager, 'insert_thing', 'insert into things select unnest($1::text[])', [['a', 'b']]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await dataSource.query('select * from things')).toEqual([]);
  });

  it('fails as any other statement does', async () => {
    const failing = prepared(dataSource, 'fails', 'select 1 / $1::int', [0]);
    await expect(failing).rejects.toMatchObject({ constructor: QueryFailedError, code: '22012' });
  });

  it('does not run on the connection of a transaction that has lost it', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.rollbackTransaction();
    await runner.release();
    await expect(prepared(runner.manager, 'late', 'select 1', [])).rejects.toThrow(QueryRunnerAlreadyReleasedError);
  });
});

it('a connection that the server ends while nobody listens does not end the process', () => {
  // An event of this name that nobody listens to is thrown: https://nodejs.org/api/events.html#error-events
  expect(new PostgresClient().emit('error', new Error('terminating connection'))).toBe(true);
});
