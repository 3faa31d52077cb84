import { randomUUID } from 'node:crypto';
import { rowsRead } from '@bellhop/local-stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { AttachmentLimits } from '../src/attachments/attachment-limits.js';
import { claimAttachments } from '../src/attachments/claim-attachments.js';
import { deleteUpload } from '../src/attachments/delete-upload.js';
import { dropUpload } from '../src/attachments/drop-upload.js';
import { finishUpload } from '../src/attachments/finish-upload.js';
import { reserveUpload } from '../src/attachments/reserve-upload.js';
import { countUnproven } from '../src/filing/count-unproven.js';
import { findCrowded } from '../src/filing/find-crowded.js';
import { leaseFiling } from '../src/filing/lease-filing.js';
import { recordChallenge } from '../src/filing/record-challenge.js';
import { releaseFiling } from '../src/filing/release-filing.js';
import { withdrawTicket } from '../src/filing/withdraw-ticket.js';
import { deleteUnproven } from '../src/guests/delete-unproven.js';
import { findTicketOfGuest } from '../src/guests/find-ticket-of-guest.js';
import { findTicket, lockTicket } from '../src/tickets/ticket-store.js';
import { migratedDatabase, type TicketsDatabase } from './database.js';

/** What a statement may read in a table of thousands: what it is about, and some neighbours. */
const FEW = 60;
const MANY = 20_000;
const AT = new Date('2026-11-30T08:00:00Z');

let database: TicketsDatabase;
let ticket: string;
const file = randomUUID();
const message = randomUUID();

/**
 * As after a quiet week, and before a busy hour: when Postgres looked, everything was settled, so each partial index of what is under way is
 * known to be empty, and costs nothing to be walked whole. Then it fills up, and Postgres has not looked again.
 */
beforeAll(async () => {
  database = await migratedDatabase();
  const all = (sql: string, values?: unknown[]) => database.dataSource.query(sql, values);
  await all(
    `insert into people (id, kind, is_agent, email, changed_at)
    select 'guest:g' || n || '@example.com', 'guest', false, 'g' || n || '@example.com', now() from generate_series(1, $1) n`,
    [MANY],
  );
  const tickets = (status: string, offset: number) =>
    all(
      `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
     select gen_random_uuid(), 'N' || n + $2, $1, 'other', 'normal', 1, 1, 'S', 'guest:g' || n || '@example.com', now(), now()
       from generate_series(1, $3) n`,
      [status, offset, MANY],
    );
  await tickets('closed', 0);
  await all(`insert into messages (id, ticket_id, version, kind, author, author_id, body, created_at)
     select gen_random_uuid(), id, 1, 'message', 'customer', requester_id, 'B', now() from tickets`);
  const files = (link: string) =>
    all(
      `insert into attachments (id, uploader, key, name, type, size_bytes, message_id, created_at, network, around)
     select gen_random_uuid(), author_id, gen_random_uuid(), 'a.png', 'image/png', 5, ${link}, now() - interval '2 hours', null, null from messages`,
    );
  await files('id');
  await all('analyze');
  await tickets('unverified', MANY);
  await all(`insert into guest_filings (ticket_id, leased_until, networks)
     select id, now(), array['10.0.' || row_number() over () % 1000 || '.1/32'] from tickets where status = 'unverified'`);
  await files('null');
  await all(
    `update attachments set network = '10.' || size_bytes || '.' || substr(uploader, 8, 2) || '.1/32', around = array['10.9.0.0/16'] where message_id is null and uploader like '%7@%'`,
  );
  await all('update attachments set id = $1 where id = (select id from attachments where message_id is null limit 1)', [
    file,
  ]);
  await all(
    'update messages set id = $1 where id = (select id from messages where not exists (select from attachments where message_id = messages.id) limit 1)',
    [message],
  );
  ticket = (await all('select id from tickets where number = $1', [`N${MANY + 5}`]))[0].id;
});
afterAll(() => database.stop());

const limits = new AttachmentLimits({ perTicketBytes: 1e9, unlinkedBytes: 1e9, perDayBytes: 1e9 });
const reservation = { id: randomUUID(), uploader: 'guest:g5@example.com', payer: '203.0.113.7/32', sizeBytes: 5 };
const arrived = { id: file, key: 'k', name: 'a.png', type: 'image/png', sizeBytes: 5 };

it.each<[string, (manager: EntityManager) => Promise<unknown>]>([
  ['count-unproven', (manager) => countUnproven(manager, 'guest:g5@example.com', FEW)],
  [
    'find-crowded',
    (manager) =>
      findCrowded(manager, [
        { network: '198.51.100.7/32', max: 1 },
        { network: '10.0.7.1/32', max: 16 },
      ]),
  ],
  ['lease-filing', (manager) => leaseFiling(manager, ticket, new Date(), AT)],
  [
    'record-challenge',
    (manager) => recordChallenge(manager, ticket, { challengeId: randomUUID(), expiresAt: AT.toISOString() }, AT),
  ],
  ['release-filing', (manager) => releaseFiling(manager, ticket, AT, AT)],
  ['withdraw-ticket', (manager) => withdrawTicket(manager, ticket, AT)],
  ['delete-unproven', (manager) => deleteUnproven(manager, 72, FEW)],
  ['find-ticket-of-guest', (manager) => findTicketOfGuest(manager, 'guest:g5@example.com', 'N5')],
  ['find-ticket', (manager) => findTicket(manager, ticket)],
  ['lock-ticket', (manager) => lockTicket(manager, ticket)],
  [
    'claim-attachments',
    (manager) => claimAttachments(manager, message, [file, randomUUID()], ['guest:g5@example.com']),
  ],
  ['reserve-upload', (manager) => reserveUpload(manager, reservation, limits)],
  ['finish-upload', (manager) => finishUpload(manager, arrived)],
  ['drop-upload', (manager) => dropUpload(manager, file)],
  ['delete-upload', (manager) => deleteUpload(manager, file, ['guest:g5@example.com'])],
])('%s reads what it is about, although the statistics are of a time when nothing was under way', async (_, run) => {
  const runner = database.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    database.statements();
    await run(runner.manager);
    const sent = database.statements().filter(({ sql }) => /^\s*(?:select|insert|update|delete|with)\b/i.test(sql));
    expect(sent.length).toBeGreaterThan(0);
    await runner.rollbackTransaction();
    await runner.startTransaction();
    for (const { sql, parameters } of sent) {
      const { rows, where } = await rowsRead((text, values) => runner.query(text, values), sql, parameters ?? []);
      expect({ where: rows > FEW ? where : 'few', sql }).toEqual({ where: 'few', sql });
    }
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
});
