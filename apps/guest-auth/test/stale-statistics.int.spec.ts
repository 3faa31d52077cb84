import { randomUUID } from 'node:crypto';
import { rowsRead } from '@bellhop/local-stack';
import { networksAround } from '@bellhop/service';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { limitsOf, type Purpose } from '../src/budgets/budget.js';
import { findShortage } from '../src/budgets/spending-store.js';
import { countTry, deleteSpent, findRequested, spendCode } from '../src/challenges/challenge-store.js';
import { findLink } from '../src/links/link-store.js';
import { revokeLinks } from '../src/revocations/revoke-links.js';
import { addTicket, renewSession, touchSession } from '../src/sessions/session-store.js';
import { migratedDatabase } from './database.js';

/** How many rows a statement may read in a table of thousands: the rows it is about, and as many as a limit counts. */
const FEW = 60;
const MANY = 20_000;

let dataSource: DataSource;
let stop: () => Promise<void>;
let sent: { sql: string; values: unknown[] }[] = [];
const ticket = randomUUID();
const challenge = randomUUID();
const session = randomUUID();
const hash = (text: string) => Buffer.from(text.padEnd(32, '.'));

/** Statistics of a quiet night: every row had expired when Postgres analysed the tables. Then a busy hour, without another analyze. */
beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
  const all = (sql: string, values?: unknown[]) => dataSource.query(sql, values);
  const fill = async (time: string) => {
    await all(
      `insert into spendings (id, purpose, address_hash, stem_hash, domain_hash, narrow, network, wide, widest, spent_at)
       select gen_random_uuid(), p, sha256((p || n)::bytea), sha256((p || n)::bytea), null,
              '10.' || n / 256 || '.' || n % 256 || '.1/32', '10.' || n / 256 || '.' || n % 256 || '.0/24', null, '10.' || n / 256 || '.0.0/16', ${time}
         from generate_series(1, $1) n, unnest(array['filing', 'fresh_link', 'guess']) p`,
      [MANY],
    );
    await all(
      `insert into challenges (purpose, ticket_id, browser_hash, id, email, code_mac, expires_at, asked_with)
       select 'link', gen_random_uuid(), sha256((${time} || '' || n)::bytea), gen_random_uuid(), 'g@example.com', sha256('c'), ${time} + interval '10 minutes', sha256('a')
         from generate_series(1, $1) n`,
      [MANY],
    );
    await all(
      `insert into sessions (id, token_hash, email, ticket_ids, created_at, seen_at)
       select gen_random_uuid(), sha256((${time} || '' || n)::bytea), 'g@example.com', array[gen_random_uuid()], ${time}, ${time} from generate_series(1, $1) n`,
      [MANY],
    );
    await all(
      `insert into links (delivery_id, ticket_id, email, salt, key_id, token_hash, issued_at, revoked_at)
       select gen_random_uuid(), gen_random_uuid(), 'g@example.com', '', '', sha256((${time} || '' || n)::bytea), ${time},
              case when ${time} < now() - interval '1 hour' then ${time} end
         from generate_series(1, $1) n`,
      [MANY],
    );
  };
  await fill(`(now() - interval '20 hours')`);
  await all('analyze');
  await fill('now()');
  await all(
    `insert into challenges (purpose, ticket_id, browser_hash, id, email, link_hash, code_mac, expires_at, asked_with)
     values ('link', $1, $2, $3, 'g@example.com', $2, '', now() + interval '10 minutes', $2)`,
    [ticket, hash('b'), challenge],
  );
  await all(
    `insert into links (delivery_id, ticket_id, email, salt, key_id, token_hash) values (gen_random_uuid(), $1, 'g@example.com', '', '', $2)`,
    [ticket, hash('b')],
  );
  await all(
    `insert into sessions (id, token_hash, email, ticket_ids) values ($1, $2, 'g@example.com', array[$3::uuid])`,
    [session, hash('b'), ticket],
  );
  dataSource.logger.logQuery = (sql, values) => void sent.push({ sql, values: (values ?? []) as unknown[] });
});
afterAll(() => stop?.());

const settings = { mailsPerNetwork: 3, mailsPerInstance: 40, triesPerNetwork: 3, triesPerInstance: 40 };
const spend = (purpose: Purpose, network: string) => (manager: EntityManager) => {
  const hashes = { addressHash: hash('a'), stemHash: hash('s'), domainHash: hash('d') };
  return findShortage(manager, { purpose, ...hashes, ...networksAround(network) }, limitsOf(purpose, settings));
};

it.each<[string, (manager: EntityManager) => Promise<unknown>]>([
  ['findShortage, of a network that nobody has seen', spend('filing', '203.0.113.7/32')],
  ['findShortage, of one that has asked', spend('fresh_link', '10.7.7.1/32')],
  ['findShortage, of an IPv6 network', spend('guess', '2001:db8:1:101::/64')],
  ['findRequested', (manager) => findRequested(manager, hash('b'), hash('b'))],
  ['countTry', (manager) => countTry(manager, challenge, hash('b'), hash('k'))],
  ['spendCode', (manager) => spendCode(manager, challenge, hash('k'))],
  ['deleteSpent', (manager) => deleteSpent(manager, hash('b'))],
  ['touchSession', (manager) => touchSession(manager, hash('b'))],
  [
    'renewSession',
    (manager) =>
      renewSession(manager, hash('b'), {
        id: randomUUID(),
        tokenHash: hash('n'),
        email: 'g@example.com',
        ticketId: ticket,
      }),
  ],
  ['addTicket', (manager) => addTicket(manager, session, ticket, hash('b'))],
  ['findLink', (manager) => findLink(manager, hash('b'))],
  ['revokeLinks', (manager) => revokeLinks(manager, ticket, null)],
])('%s reads only the rows it is about, although the statistics say that every row has expired', async (_, run) => {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    sent = [];
    await run(runner.manager);
    const statements = sent.filter(({ sql }) => /^\s*(?:select|insert|update|delete|with)\b/i.test(sql));
    expect(statements.length).toBeGreaterThan(0);
    await runner.rollbackTransaction();
    await runner.startTransaction();
    for (const { sql, values } of statements) {
      const { rows, where } = await rowsRead((text, parameters) => runner.query(text, parameters), sql, values);
      expect({ where: rows > FEW ? where : 'few', sql }).toEqual({ where: 'few', sql });
    }
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
});
