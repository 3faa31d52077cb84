import { randomUUID } from 'node:crypto';
import { buildEvent } from '@bellhop/contracts/testing';
import { wideReads } from '@bellhop/local-stack';
import { appendEvents, claimEvents } from '@bellhop/outbox';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../test/database.js';
import { insertDelivery } from '../test/delivery-rows.js';
import { beginSending } from './dispatch/begin-sending.js';
import { claimDue } from './dispatch/claim-due.js';
import { loadStanding } from './dispatch/load-standing.js';
import { rememberTickets } from './intake/remember-tickets.js';
import { storeDecisions } from './intake/store-decisions.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());

it('statements that are planned once find their rows by index, though they are planned while the tables are small', async () => {
  const texts = new Set<string>();
  dataSource.logger.logQuery = (sql) => void texts.add(sql);
  const fact = { system: 'crm', event: buildEvent('ticket.replied.v1') };
  await claimDue(dataSource, { channel: 'email', limit: 1, askedForLimit: 1, owner: randomUUID(), leaseMs: 1_000 });
  await loadStanding(dataSource, 'email', [], () => false);
  await beginSending(dataSource, [], 1_000);
  await dataSource.transaction(async (manager) => {
    await claimEvents(manager, 'notifications', [{ system: 'crm', eventId: '1' }]);
    await rememberTickets(manager, [fact], 'email', []);
    await storeDecisions(manager, 'email', 1_000, [], []);
    await appendEvents(manager, [buildEvent('notification.accepted.v1')]);
  });
  const prepared = [...texts].filter((sql) => sql.includes('/* prepared: '));
  expect(prepared).toHaveLength(7);
  const none = Object.fromEntries(prepared.map((sql) => [nameOf(sql), []]));
  await dataSource.query('truncate inbox, known_tickets, outbox');
  expect(await allWideReads(prepared)).toEqual(none);
  // As after a wave: everything is settled, and the partial indexes of what is under way are known to be empty, hence to cost nothing.
  await dataSource.query(
    `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind, address, channel,
       template, template_version, template_rank, replies, event_ids, priority, is_immediate, state, first_at, due_at, attempted_at, settled_at, mailbox, mailbox_stem)
     select gen_random_uuid(), 'crm', 'T-' || n, 'T-' || n, 1, 'crm:user:' || n, 'requester', 'user', n || '@example.com', 'email',
       'replied', 1, 1, 1, '{}', 30, false, (array['accepted', 'accepted', 'dead', 'skipped'])[1 + n % 4], now(), now(), now(), now(),
       n || '@example.com', n || '@example.com'
     from generate_series(1, 5000) n`,
  );
  await dataSource.query('analyze');
  expect(await allWideReads(prepared)).toEqual(none);
  await dataSource.query('truncate deliveries');
  // A few rows that are known to be few are cheaper to read whole, and they do not stay few.
  for (let index = 0; index < 20; index++) {
    for (const state of ['pending', 'retrying', 'dead', 'accepted'])
      await insertDelivery(dataSource, { recipient_key: `crm:user:${index}`, state });
    await dataSource.query(`insert into told values ($1, 'crm', 'T', 'email', 1)`, [`crm:user:${index}`]);
    await dataSource.query(`insert into known_tickets values ('crm', $1, 1, 'crm:user:u')`, [String(index)]);
  }
  await dataSource.query('analyze');
  expect(await allWideReads(prepared)).toEqual(none);
});

async function allWideReads(statements: readonly string[]): Promise<Record<string, string[]>> {
  const reads: [string, string[]][] = [];
  for (const sql of statements) reads.push([nameOf(sql), await wideReads((text) => dataSource.query(text), sql)]);
  return Object.fromEntries(reads);
}

function nameOf(sql: string): string {
  return /prepared: (\w+)/.exec(sql)?.[1] ?? sql;
}
