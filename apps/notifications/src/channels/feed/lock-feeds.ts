import { prepared } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { NOW_AS_REVISION } from './feed-change.js';

const SQL = `
  insert into feed_revisions as r (person, rev)
  select person, ${NOW_AS_REVISION} from unnest($1::text[]) as p (person) order by person collate "C"
  -- Nothing is written, and yet the row is locked.
  on conflict (person) do update set rev = r.rev where false`;

/**
 * Comes first in every transaction that changes entries: whoever has it sees all that others have committed, with the next statement.
 * in: accounts · out: nothing · lock: their revisions, in one order, so that two writers cannot deadlock · race: an entry that is added
 * while its ticket is being seen. Whichever transaction is second reads what the first has done: it is counted once, and never missed.
 */
export async function lockFeeds(manager: EntityManager, people: readonly string[]): Promise<void> {
  await prepared(manager, 'lock_feeds', SQL, [[...new Set(people)]]);
}
