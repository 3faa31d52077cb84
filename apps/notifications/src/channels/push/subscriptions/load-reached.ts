import { prepared } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';

const SQL = `
  select p.person from unnest($1::text[]) as p (person)
  -- One index look-up each, whatever the plan: it is made once, perhaps while the table is small.
  cross join lateral (select from push_subscriptions s where s.person = p.person and s.state = 'active' limit 1) one`;

/** in: people · out: those with a device that pushes go to · lock: none · race: one that is switched on after this hears of the next event. */
export async function loadReached(manager: EntityManager, people: readonly string[]): Promise<ReadonlySet<string>> {
  const rows: { person: string }[] = await prepared(manager, 'load_reached_by_push', SQL, [people]);
  return new Set(rows.map(({ person }) => person));
}
