import type { QuietHours } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';

/** Everything that a person has set but their phrase, which has a route of its own. */
export interface StoredSettings {
  readonly off: readonly string[];
  readonly mailAfterMinutes: number | null;
  readonly quietHours: QuietHours | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
}

const UPSERT = `
  insert into person_settings as s (person, off, mail_after_minutes, quiet_hours, locale, timezone, changed_at)
  values ($1, $2, $3, $4, $5, $6, now())
  on conflict (person) do update set off = excluded.off, mail_after_minutes = excluded.mail_after_minutes,
    quiet_hours = excluded.quiet_hours, locale = excluded.locale, timezone = excluded.timezone, changed_at = now()`;

/** in: a person's settings, all of them · out: nothing · lock: their row · race: the last one counts. */
export async function storeSettings(manager: EntityManager, person: string, settings: StoredSettings): Promise<void> {
  const { off, mailAfterMinutes, quietHours, locale, timeZone } = settings;
  const json = quietHours && JSON.stringify(quietHours);
  await manager.query(UPSERT, [person, off, mailAfterMinutes, json, locale, timeZone]);
  await deleteDefaults(manager, person);
}

/** in: a person, their phrase sealed, or null for none · out: nothing · lock: their row · race: the last one counts. */
export async function storePhrase(manager: EntityManager, person: string, sealed: Buffer | null): Promise<void> {
  await manager.query(
    `insert into person_settings as s (person, sealed_phrase, changed_at) values ($1, $2, now())
     on conflict (person) do update set sealed_phrase = excluded.sealed_phrase, changed_at = now()`,
    [person, sealed],
  );
  await deleteDefaults(manager, person);
}

/** Whoever has decided nothing has no row: most people are not looked up for long. */
async function deleteDefaults(manager: EntityManager, person: string): Promise<void> {
  await manager.query(
    `delete from person_settings where person = $1 and off = '{}' and mail_after_minutes is null and quiet_hours is null
       and locale is null and timezone is null and sealed_phrase is null`,
    [person],
  );
}
