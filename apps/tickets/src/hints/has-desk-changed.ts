import { CATEGORIES, TICKET_STATUSES } from '@bellhop/contracts/events';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';

/** One look into the index of each group of tickets (`tickets/ticket-list.ts`) and one into that of notes. */
const SQL = `
  select exists (
      select from unnest($1::text[]) as wanted_status cross join unnest($2::text[]) as wanted_category
      cross join lateral (
        select from tickets where status = wanted_status and category = wanted_category
          and updated_at > now() - make_interval(secs => $3) limit 1
      ) changed
    ) or exists (
      select from notes where created_at > now() - make_interval(secs => $3)
    ) as "hasChanged"`;

/**
 * Whether there is anything new at the desk.
 * in: how far to look back, in seconds · out: whether a ticket has changed or a note was written since · lock: none · race: a change gets its time before
 * its commit, by the clock of its replica. Look back further than to the look before.
 */
export async function hasDeskChanged(dataSource: DataSource, seconds: number): Promise<boolean> {
  const statuses = TICKET_STATUSES.filter((status) => status !== 'unverified');
  const values = [statuses, CATEGORIES, seconds];
  const [row] = await prepared<{ hasChanged: boolean }[]>(dataSource, 'has_desk_changed', SQL, values);
  return row?.hasChanged ?? false;
}
