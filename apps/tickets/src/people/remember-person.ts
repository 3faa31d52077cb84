import type { User } from '@bellhop/contracts/persons';
import type { EntityManager } from 'typeorm';
import type { PersonEntity } from './person.entity.js';
import { type ClaimedPerson, userOf } from './person.js';

/**
 * Inputs: what the token says; null where it says nothing, and $7 when it withdraws the address. Result: the person as known now.
 * Lock: the person's row, only when something is new.
 *
 * Runs with every request, so it must not write when nothing changed: an upsert alone would lock the row and dirty
 * its page each time. Race: of two concurrent first requests `on conflict` lets one insert.
 */
const REMEMBER = `
  with known as (
    select * from people where id = $1
  ), written as (
    insert into people as p (id, is_agent, email, locale, timezone, changed_at)
    select $1::text, $2::boolean, $3::text, $4::text, $5::text, $6::timestamptz
    where not exists (
      select from known
      where is_agent = $2
        and email is not distinct from case when $7::boolean then null else coalesce($3, email) end
        and locale is not distinct from coalesce($4, locale)
        and timezone is not distinct from coalesce($5, timezone)
    )
    on conflict (id) do update
    set is_agent = excluded.is_agent,
        email = case when $7::boolean then null else coalesce(excluded.email, p.email) end,
        locale = coalesce(excluded.locale, p.locale),
        timezone = coalesce(excluded.timezone, p.timezone),
        changed_at = excluded.changed_at
    returning *
  )
  select id, email, locale, timezone from written
  union all
  select id, email, locale, timezone from known where not exists (select from written)`;

/**
 * Stores what a person's token says, for later alerts and for assigning tickets to agents. A missing claim (for example of a client
 * without the scope `email`) removes nothing. Returns all that is known.
 */
export async function rememberPerson(
  manager: EntityManager,
  person: ClaimedPerson,
  isAgent: boolean,
  now: Date,
): Promise<User> {
  const { id, email = null, locale = null, timezone = null } = person;
  const isAddressGone = person.email === null;
  const values = [id, isAgent, email, locale, timezone, now, isAddressGone];
  const [known]: [Pick<PersonEntity, 'id' | 'email' | 'locale' | 'timezone'>] = await manager.query(REMEMBER, values);
  return userOf(known);
}
