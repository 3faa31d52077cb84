import { deleteInBatches } from '@bellhop/postgres';
import type { Purge } from '@bellhop/service';
import { LONGEST_WINDOW_SECONDS } from './budgets/budget.js';
import { DAYS_AFTER_CLOSING } from './links/link.js';
import { IDLE_SECONDS } from './sessions/session-store.js';

const DAYS_AFTER_EXPIRY = 1;

/**
 * What is deleted when its time has passed, by the name in the log.
 * Each statement: in: `$1` how many rows at most, `$2` the age · out: how many were deleted · lock: the deleted rows, skipping locked ones · race: none.
 */
export const purges = {
  /** No limit looks back further. */
  budgets: purge(
    `delete from spendings where id in (
       select id from spendings where spent_at < now() - make_interval(secs => $2) limit $1 for update skip locked)`,
    LONGEST_WINDOW_SECONDS,
  ),
  challenges: purge(
    `delete from challenges where id in (
       select id from challenges where expires_at < now() - make_interval(days => $2) limit $1 for update skip locked)`,
    DAYS_AFTER_EXPIRY,
  ),
  /** Unused for too long. A session that is over by its age is not used any more either. */
  'guest sessions': purge(
    `delete from sessions where id in (
       select id from sessions where seen_at < now() - make_interval(secs => $2) limit $1 for update skip locked)`,
    IDLE_SECONDS,
  ),
  /**
   * Revoked, or of a ticket that has been closed for longer than links work: one day more than that, in case clocks differ. When such a ticket
   * is reopened, the guest gets a mail with a new link.
   */
  links: purge(
    `delete from links where delivery_id in (
       select l.delivery_id from links l left join tickets t on t.id = l.ticket_id
       where least(l.revoked_at, t.closed_at) < now() - make_interval(days => $2)
       limit $1 for update of l skip locked)`,
    DAYS_AFTER_CLOSING + 1,
  ),
} satisfies Record<string, Purge>;

function purge(sql: string, age: number): Purge {
  return (dataSource, { signal }) => deleteInBatches(dataSource, sql, [age], { signal });
}
