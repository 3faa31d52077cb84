import { DEDUPE_DAYS } from '@bellhop/contracts/events';
import type { DataSource, EntityManager } from 'typeorm';
import { RAISED } from './feed-change.js';
import { lockFeeds } from './lock-feeds.js';

/** As long as deliveries: by the address of a mail that went along, an erasure finds whose entries they are. */
const ENTRY_DAYS = DEDUPE_DAYS;
/** Feeds per transaction, which takes milliseconds: nobody waits for it who marks entries as seen. */
const FEEDS_AT_ONCE = 500;

/** An id of that time: entries are found by their key. As a subquery, because the function would be called for every row. */
const OLD = `id < (select uuidv7(make_interval(days => -$1::int)))`;

const SQL = `
  with gone as (delete from feed_entries where ${OLD} and person = any ($2::text[]) returning person, seen_at),
  changed as (select person from gone where seen_at is null), ${RAISED}
  select (select count(*) from gone)::int as count, (select count(*) from raised)::int as raised`;

/**
 * Deletes entries of more than 30 days.
 * in: nothing · out: how many were deleted · lock: the feeds that they are in, a few hundred at a time · race: none, by the lock: a count of
 * unseen entries changes together with its revision.
 */
export async function purgeEntries(dataSource: DataSource, { signal }: { signal: AbortSignal }): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const count = await dataSource.transaction(purgeSome);
    if (count === 0) break;
    total += count;
  }
  return total;
}

async function purgeSome(manager: EntityManager): Promise<number> {
  const rows: { person: string }[] = await manager.query(`select person from feed_entries where ${OLD} limit $2`, [
    ENTRY_DAYS,
    FEEDS_AT_ONCE,
  ]);
  if (rows.length === 0) return 0;
  const people = [...new Set(rows.map(({ person }) => person))];
  await lockFeeds(manager, people);
  const [{ count }]: [{ count: number }] = await manager.query(SQL, [ENTRY_DAYS, people]);
  return count;
}
