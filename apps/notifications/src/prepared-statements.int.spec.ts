import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { wideReads } from '@bellhop/local-stack';
import { appendEvents, claimEvents } from '@bellhop/outbox';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../test/database.js';
import { beginSending } from './dispatch/begin-sending.js';
import { claimDue } from './dispatch/claim-due.js';
import { loadStanding } from './dispatch/load-standing.js';
import { markAccepted } from './dispatch/mark-accepted.js';
import { rememberTickets } from './intake/remember-tickets.js';
import { storeDecisions } from './intake/store-decisions.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
}, 60_000);
afterAll(() => stop?.());

it('statements that are planned once find their rows by index, though they are planned while the tables are empty', async () => {
  const texts = new Set<string>();
  dataSource.logger.logQuery = (sql) => void texts.add(sql);
  const fact = { system: 'crm', event: buildEvent('ticket.replied.v1') };
  await claimDue(dataSource, { channel: 'email', limit: 1, askedForLimit: 1, owner: randomUUID(), leaseMs: 1_000 });
  await loadStanding(dataSource, 'email', []);
  await beginSending(dataSource, [], 1_000);
  await dataSource.transaction(async (manager) => {
    await claimEvents(manager, 'notifications', [{ system: 'crm', eventId: '1' }]);
    await rememberTickets(manager, [fact], 'email', []);
    await storeDecisions(manager, 'email', 1_000, [], []);
    await markAccepted(manager, []);
    await appendEvents(manager, [buildEvent('notification.accepted.v1')]);
  });
  const prepared = [...texts].filter((sql) => sql.includes('/* prepared: '));
  expect(prepared).toHaveLength(8);
  const runner = dataSource.createQueryRunner();
  try {
    // As every connection of an app has it.
    await runner.query('set random_page_cost = 1.1');
    await runner.query('truncate inbox, known_tickets, outbox');
    const reads: [string | undefined, string[]][] = [];
    for (const sql of prepared) {
      reads.push([/prepared: (\w+)/.exec(sql)?.[1], await wideReads((text) => runner.query(text), sql)]);
    }
    expect(Object.fromEntries(reads)).toEqual(Object.fromEntries(reads.map(([name]) => [name, []])));
  } finally {
    await runner.release();
  }
});
