import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { Settings } from '../src/config.js';
import { LinksService } from '../src/links/links.service.js';
import { parseGuestKeys } from '../src/secrets/guest-keys.js';
import { migratedDatabase } from './database.js';
import { KEY } from './running-guest-auth.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());

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
