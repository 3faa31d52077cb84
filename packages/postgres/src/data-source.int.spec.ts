import { type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceFor } from './data-source.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

async function settingsOf(url: string, options: { hasGenericPlans?: boolean } = {}): Promise<string[]> {
  const dataSource = await dataSourceFor({ service: 'spec', url, ...options }).initialize();
  try {
    const names = ['random_page_cost', 'jit', 'plan_cache_mode', 'enable_seqscan'];
    const values = names.map((name) => dataSource.query('select current_setting($1) as value', [name]));
    return (await Promise.all(values)).map(([row]) => row.value);
  } finally {
    await dataSource.destroy();
  }
}

describe('a data source', () => {
  it('leaves plans to Postgres, but for the cost of looking up and of compiling', async () => {
    expect(await settingsOf(database.url)).toEqual(['1.1', 'off', 'auto', 'on']);
  });

  it('has generic plans that use indexes, where that is asked for', async () => {
    const settings = await settingsOf(database.url, { hasGenericPlans: true });
    expect(settings).toEqual(['1.1', 'off', 'force_generic_plan', 'off']);
  });

  it('lets the options of DATABASE_URL win over its own', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c random_page_cost=2 -c enable_seqscan=on');
    const settings = await settingsOf(url.href, { hasGenericPlans: true });
    expect(settings).toEqual(['2', 'off', 'force_generic_plan', 'on']);
  });
});
