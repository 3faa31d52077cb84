import { randomUUID } from 'node:crypto';
import type { Purge } from '@bellhop/service';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { purges } from '../src/purges.js';
import { migratedDatabase } from './database.js';

let database: DataSource;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ dataSource: database, stop } = await migratedDatabase());
});
afterAll(() => stop?.());

/** How many rows a purge takes, and how many it leaves. */
async function purged(purge: Purge, table: string): Promise<[number, number]> {
  const gone = await purge(database, { signal: new AbortController().signal });
  const [{ left }] = await database.query(`select count(*)::int as left from ${table}`);
  return [gone, left];
}

async function insertLink(ticket: { closed?: string } | null, revoked?: string): Promise<void> {
  const ticketId = randomUUID();
  if (ticket) {
    await database.query(`insert into tickets values ($1, 'A1', null, 1, now() - $2::interval)`, [
      ticketId,
      ticket.closed ?? null,
    ]);
  }
  await database.query(
    `insert into links (delivery_id, ticket_id, email, salt, key_id, token_hash, revoked_at)
     values (gen_random_uuid(), $1, 'a@example.com', '', '', sha256(gen_random_uuid()::text::bytea), now() - $2::interval)`,
    [ticketId, revoked ?? null],
  );
}

describe('what is past its time', () => {
  it('goes: links a month after their ticket was closed, or after they were revoked; all others stay', async () => {
    await insertLink(null);
    await insertLink({});
    await insertLink({ closed: '30 days 23 hours' });
    await insertLink({}, '30 days 23 hours');
    await insertLink({ closed: '31 days 1 hour' });
    await insertLink({}, '31 days 1 hour');
    await insertLink({ closed: '1 day' }, '40 days');
    expect(await purged(purges.links, 'links')).toEqual([3, 4]);
    expect(await purged(purges.links, 'links')).toEqual([0, 4]);
    const [{ kept }] = await database.query('select count(*)::int as kept from tickets');
    expect(kept).toBe(6);
  });

  it('goes: challenges a day after their code ran out', async () => {
    for (const ago of ['-10 minutes', '23 hours', '25 hours']) {
      await database.query(
        `insert into challenges (purpose, ticket_id, browser_hash, id, email, code_mac, expires_at)
         values ('link', gen_random_uuid(), '', gen_random_uuid(), 'a@example.com', '', now() - $1::interval)`,
        [ago],
      );
    }
    expect(await purged(purges.challenges, 'challenges')).toEqual([1, 2]);
  });

  it('goes: sessions that are over', async () => {
    for (const ago of ['0', '29 minutes', '31 minutes']) {
      await database.query(
        `insert into sessions (id, token_hash, email, ticket_ids, seen_at)
         values (gen_random_uuid(), sha256($1::text::bytea), 'a@example.com', '{}', now() - $1::interval)`,
        [ago],
      );
    }
    expect(await purged(purges['guest sessions'], 'sessions')).toEqual([1, 2]);
  });

  it('goes: spendings that no limit looks back to, in as many batches as it takes', async () => {
    await database.query(
      `insert into spendings (id, purpose, spent_at)
       select gen_random_uuid(), 'link', now() - make_interval(hours => case when n > 11000 then 23 else 25 end)
       from generate_series(1, 12000) n`,
    );
    expect(await purged(purges.budgets, 'spendings')).toEqual([11_000, 1_000]);
  });

  it('stays for the next run when the process ends', async () => {
    await database.query(`update spendings set spent_at = now() - interval '2 days'`);
    expect(await purges.budgets(database, { signal: AbortSignal.abort() })).toBe(0);
  });
});
