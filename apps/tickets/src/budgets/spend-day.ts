import type { EntityManager } from 'typeorm';

/** What people do that costs agents time: they read it, and are mailed. */
export type Spent = 'tickets' | 'messages';

export type DayLimits = Readonly<Record<Spent, number>>;

/**
 * Inputs: the key of a person, what is counted, the limits. Result: false if the limit of the day is reached. Lock: the person's row of
 * the day until the transaction ends. Race: concurrent requests of one person are serialised, each counting the one before; a rollback
 * takes its count back.
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
