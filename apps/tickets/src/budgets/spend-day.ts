import type { EntityManager } from 'typeorm';

/** What people do that costs others something: an agent reads it, and is mailed. */
export type Spent = 'tickets' | 'messages';

export type DayLimits = Readonly<Record<Spent, number>>;

/**
 * Inputs: the key of a person, what they do once more, the limits. Result: false when that was all for today. Lock: the person's row of the
 * day until the transaction ends. Race: a hundred requests of one person at once go one after the other, each counting the one before; what
 * is rolled back was not spent.
 */
export async function spendDay(
  manager: EntityManager,
  personKey: string,
  spent: Spent,
  limits: DayLimits,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `insert into person_days as d (person_id, day, ${spent}) values ($1, (now() at time zone 'utc')::date, 1)
     on conflict (person_id, day) do update set ${spent} = d.${spent} + 1 where d.${spent} < $2
     returning 1 as counted`,
    [personKey, limits[spent]],
  );
  return rows.length > 0;
}
