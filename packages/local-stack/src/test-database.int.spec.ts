import { describe, expect, it } from '@jest/globals';
import { withClient } from './servers/postgres.js';
import { testDatabase } from './test-database.js';

describe('testDatabase', () => {
  it('gives each caller an empty database on one server', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    expect(new URL(one.url).port).toBe(new URL(other.url).port);
    await withClient(one.url, (client) => client.query('create table mine (id int)'));
    const { rows } = await withClient(other.url, (client) => client.query(`select to_regclass('mine') as mine`));
    expect(rows).toEqual([{ mine: null }]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('drops a database although somebody is still connected', async () => {
    const database = await testDatabase();
    const held = withClient(database.url, (client) => client.query('select pg_sleep(60)'));
    const refused = expect(held).rejects.toThrow();
    await database.drop();
    await refused;
    await expect(withClient(database.url, (client) => client.query('select 1'))).rejects.toThrow('does not exist');
  });
});
