import { type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { PreparingClient } from './client.js';
import { dataSourceFor } from './data-source.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await dataSourceFor({ service: 'spec', url: database.url }).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

describe('the connections of an app', () => {
  it('prepare what is marked, once, and nothing else', async () => {
    const prepared = await dataSource.transaction(async (manager) => {
      for (const number of [1, 2, 3]) {
        const [row] = await manager.query('/* prepared: doubled */ select $1::int * 2 as doubled', [number]);
        expect(row).toEqual({ doubled: number * 2 });
        await manager.query('select $1::int * 3', [number]);
      }
      return manager.query(
        'select name, generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements',
      );
    });
    expect(prepared).toEqual([{ name: 'doubled', generic: 3, custom: 0 }]);
  });

  it('do not end the process when the server ends them while nobody listens', () => {
    // An event of this name that nobody listens to is thrown: https://nodejs.org/api/events.html#error-events
    expect(new PreparingClient().emit('error', new Error('terminating connection'))).toBe(true);
  });
});
