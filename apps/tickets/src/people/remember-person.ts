import type { User } from '@bellhop/contracts';
import type { EntityManager } from 'typeorm';

/**
 * Inputs: what the token says now. Result: none. Lock: the person's row, only when something is new.
 *
 * Runs with every request, so it must not write when nothing changed: an upsert alone would lock the row and dirty
 * its page each time. Two first requests at once are settled by `on conflict`.
 */
const REMEMBER = `
  insert into people (id, is_agent, email, locale, timezone, changed_at)
  select $1::text, $2::boolean, $3::text, $4::text, $5::text, $6::timestamptz
  where not exists (
    select from people
    where id = $1 and (is_agent, email, locale, timezone) is not distinct from ($2::boolean, $3::text, $4::text, $5::text)
  )
  on conflict (id) do update
  set is_agent = excluded.is_agent,
      email = excluded.email,
      locale = excluded.locale,
      timezone = excluded.timezone,
      changed_at = excluded.changed_at`;

/** Keeps what a person's token says, for the alerts that come later and for assigning tickets to agents. */
export async function rememberPerson(manager: EntityManager, person: User, isAgent: boolean, now: Date): Promise<void> {
  const { id, email = null, locale = null, timezone = null } = person;
  await manager.query(REMEMBER, [id, isAgent, email, locale, timezone, now]);
}
