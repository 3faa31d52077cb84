import type { EntityManager } from 'typeorm';
import { type FeedChange, RAISED } from './feed-change.js';

/** A person has had this version of a ticket of ours on the screen. */
export interface SeenVersion {
  readonly person: string;
  readonly ticketId: string;
  readonly version: number;
}

const SQL = `
  with changed as (
    update feed_entries e set seen_at = now() where e.id = any (array(
      select f.id from unnest($1::text[], $2::text[], $3::bigint[]) as s (person, ticket_id, version)
      -- One look-up each, whatever the plan.
      cross join lateral (
        select id from feed_entries
        where person = s.person and ticket_id = s.ticket_id and version <= s.version and seen_at is null
        offset 0
      ) f
    ))
    returning e.person
  ), ${RAISED}
  select person, rev::float8 as rev from raised`;

/**
 * Marks entries about what was seen on the page of a ticket.
 * in: who has seen what; their feeds are locked · out: the feeds that have changed · lock: those entries · race: closed by the lock.
 */
export function markTicketsSeen(manager: EntityManager, seen: readonly SeenVersion[]): Promise<FeedChange[]> {
  return manager.query(SQL, [
    seen.map(({ person }) => person),
    seen.map(({ ticketId }) => ticketId),
    seen.map(({ version }) => version),
  ]);
}
