import type { EntityManager } from 'typeorm';

/**
 * in: spellings of one address · out: how many of each kind are gone · lock: those
 * rows · race: whoever proves the address at this moment may leave a session, which ends within the day.
 */
export async function deleteGuest(
  manager: EntityManager,
  addresses: readonly string[],
): Promise<{ links: number; challenges: number; sessions: number; requests: number; answers: number }> {
  const [counts] = await manager.query(
    `with l as (delete from links where email = any ($1) returning 1),
       c as (delete from challenges where email = any ($1) returning 1),
       s as (delete from sessions where email = any ($1) returning 1),
       r as (delete from link_requests where email = any ($1) returning 1),
       a as (delete from idempotency_keys where principal = any (select 'guest:' || email from unnest($1::text[]) as e (email)) returning 1)
     select (select count(*)::int from l) as links, (select count(*)::int from c) as challenges,
       (select count(*)::int from s) as sessions, (select count(*)::int from r) as requests, (select count(*)::int from a) as answers`,
    [addresses],
  );
  return counts;
}
