import { randomUUID } from 'node:crypto';
import { testDatabase } from '@bellhop/local-stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { migrations } from '../src/guest-auth-service.js';
import { LinksService } from '../src/links/links.service.js';
import { parseGuestKeys } from '../src/secrets/guest-keys.js';
import type { Settings } from '../src/settings.js';
import { KEY } from './running-guest-auth.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let dataSource: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  dataSource = new DataSource({ type: 'postgres', url: database.url, migrations, installExtensions: false });
  await dataSource.initialize();
  await dataSource.runMigrations({ transaction: 'each' });
}, 60_000);
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

it.each([1, 250])('links for %i deliveries cost one statement, and one when asked for again', async (count) => {
  const links = new LinksService(dataSource, { keys: parseGuestKeys(KEY) } as Settings);
  const asked = Array.from({ length: count }, (_, index) => ({
    deliveryId: randomUUID(),
    ticketId: randomUUID(),
    email: `g-${index}@example.com`,
  }));
  const statements: string[] = [];
  dataSource.logger.logQuery = (sql) => void statements.push(sql.replace(/ \(.*/s, ''));
  const issued = await links.issue(asked);
  expect(issued).toHaveLength(count);
  expect(statements).toEqual(['insert into links as l']);
  expect(await links.issue(asked)).toEqual(issued);
  expect(statements).toHaveLength(2);
});
