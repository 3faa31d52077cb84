import { type FeedState, MAX_UNREAD } from '@bellhop/contracts/http';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { FeedChange } from './feed-change.js';

const SQL = `
  select s.person, coalesce(r.rev, 0)::float8 as rev,
    -- In the select list, so that nothing is counted of feeds that have not changed.
    (select count(*)::int from (
      select from feed_entries e where e.person = s.person and e.seen_at is null limit ${MAX_UNREAD}) u) as unread
  from unnest($1::text[], $2::bigint[]) as s (person, rev)
  left join lateral (select rev from feed_revisions where person = s.person limit 1) r on true
  where coalesce(r.rev, 0) > s.rev`;

/**
 * How feeds stand, of those that have changed since a revision.
 * in: accounts, each with the revision that its reader has, -1 for none · out: unseen entries and revision of those that are newer, both
 * as of one moment · lock: none · race: none, what comes later has a larger revision and a hint of its own.
 */
export function loadStates(
  dataSource: DataSource,
  readers: readonly FeedChange[],
): Promise<(FeedState & { person: string })[]> {
  return prepared(dataSource, 'load_feed_states', SQL, [
    readers.map(({ person }) => person),
    readers.map(({ rev }) => rev),
  ]);
}
