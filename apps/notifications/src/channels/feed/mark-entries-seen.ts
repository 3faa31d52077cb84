import { type FeedState, MAX_UNREAD } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';

/** Above every id. */
export const ALL_ENTRIES = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const SQL = `
  with changed as (
    update feed_entries set seen_at = now() where person = $1 and seen_at is null and id <= $2 returning person
  ), raised as (
    update feed_revisions set rev = rev + 1 where person = $1 and exists (select from changed) returning rev
  )
  select exists (select from raised) as "hasChanged",
    coalesce((select rev from raised), (select rev from feed_revisions where person = $1))::float8 as rev,
    -- As it was before this statement: without those that it marks.
    (select count(*)::int from (
      select from feed_entries where person = $1 and seen_at is null and id > $2 limit ${MAX_UNREAD}) u) as unread`;

/**
 * Marks an entry and all older ones as seen.
 * in: account, whose feed is locked; id of the newest entry that was on the screen · out: how the feed stands now, and whether it has
 * changed · lock: those entries · race: an entry that arrives meanwhile waits for the lock, has a larger id, and stays unread.
 */
export async function markEntriesSeen(
  manager: EntityManager,
  person: string,
  upTo: string,
): Promise<FeedState & { hasChanged: boolean }> {
  const [answer]: [FeedState & { hasChanged: boolean }] = await manager.query(SQL, [person, upTo]);
  return answer;
}
