import type { MailAfterMinutes, QuietHours } from '@bellhop/contracts/http';
import { prepared } from '@bellhop/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { personKeyOf } from '../planning/recipients.js';
import { DEFAULT_SETTINGS, type PersonSettings } from '../planning/settings.js';

/** A recipient, and the ticket that they may have muted. */
export interface PersonAndTicket {
  readonly recipientKey: string;
  readonly system: string;
  readonly ticketId: string;
}

/** What a recipient has decided that concerns one ticket. */
export interface PersonalChoice {
  readonly settings: PersonSettings;
  readonly isMuted: boolean;
  readonly sealedPhrase: Buffer | null;
}

const NOTHING_DECIDED: PersonalChoice = { settings: DEFAULT_SETTINGS, isMuted: false, sealedPhrase: null };

/** What somebody has decided, as {@link SettingsColumns}. */
export const settingsColumns = `coalesce(ps.off, '{}') as off, ps.mail_after_minutes as "mailAfterMinutes", ps.quiet_hours as "quietHours",
    ps.locale as "chosenLocale", ps.timezone as "chosenTimeZone", ps.sealed_phrase as "sealedPhrase", mute.person is not null as "isMuted"`;

/** Joins them for a row with a person, a system and a ticket: one index look-up each, whatever the plan, which is made once. */
export const joinSettings = (person: string, ticket: string) => `
  left join lateral (select * from person_settings where person = ${person} limit 1) ps on true
  left join lateral (
    select person from ticket_mutes where person = ${person} and system = ${ticket}.system and ticket_id = ${ticket}.ticket_id limit 1
  ) mute on true`;

/**
 * A query for what people have decided about tickets; most have decided nothing, and are in no row.
 * @param first its three parameters begin here: people, systems, ids of tickets
 */
export const personSettings = (first: number) => `
  select p.person, p.system, p.ticket_id as "ticketId", ${settingsColumns}
  from unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::text[]) as p (person, system, ticket_id)${joinSettings('p.person', 'p')}
  where ps.person is not null or mute.person is not null`;

const SQL = personSettings(1);

/** As read from Postgres. */
export interface SettingsColumns {
  readonly off: readonly string[];
  readonly mailAfterMinutes: MailAfterMinutes | null;
  readonly quietHours: QuietHours | null;
  readonly chosenLocale: string | null;
  readonly chosenTimeZone: string | null;
  readonly sealedPhrase: Buffer | null;
  readonly isMuted: boolean;
}

/** A row of {@link personSettings}. */
export interface PersonSettingsRow extends SettingsColumns {
  readonly person: string;
  readonly system: string;
  readonly ticketId: string;
}

/**
 * Reads what recipients have decided.
 * in: recipients and tickets · out: a function that answers for each of them; most people have decided nothing · lock: none · race: a change
 * after this counts at the pre-send check, or from the next event on.
 */
export async function loadPersonSettings(
  on: DataSource | EntityManager,
  about: readonly PersonAndTicket[],
): Promise<(one: PersonAndTicket) => PersonalChoice> {
  const asked = personSettingsValues(about);
  const isAnybody = (asked[0]?.length ?? 0) > 0;
  const rows: PersonSettingsRow[] = isAnybody ? await prepared(on, 'load_person_settings', SQL, asked) : [];
  return choicesOf(rows);
}

/** The parameters of {@link personSettings}: each person and ticket once; a team decides nothing. */
export function personSettingsValues(about: readonly PersonAndTicket[]): string[][] {
  const people = new Map<string, readonly string[]>();
  for (const { recipientKey, system, ticketId } of about) {
    const person = personKeyOf(recipientKey);
    if (person !== null) people.set(keyOf(person, system, ticketId), [person, system, ticketId]);
  }
  const asked = [...people.values()];
  return [0, 1, 2].map((at) => asked.map((one) => one[at] as string));
}

/** What each person has decided; most people are in no row. */
export function choicesOf(rows: readonly PersonSettingsRow[]): (one: PersonAndTicket) => PersonalChoice {
  const choices = new Map(rows.map((row) => [keyOf(row.person, row.system, row.ticketId), choiceOf(row)]));
  return ({ recipientKey, system, ticketId }) =>
    choices.get(keyOf(personKeyOf(recipientKey) ?? '', system, ticketId)) ?? NOTHING_DECIDED;
}

export function choiceOf(columns: SettingsColumns): PersonalChoice {
  const { off, mailAfterMinutes, quietHours, chosenLocale: locale, chosenTimeZone: timeZone } = columns;
  const { isMuted, sealedPhrase } = columns;
  return { settings: { off: new Set(off), mailAfterMinutes, quietHours, locale, timeZone }, isMuted, sealedPhrase };
}

/** No part contains a space but the person, which comes last. */
function keyOf(person: string, system: string, ticketId: string): string {
  return `${system} ${ticketId} ${person}`;
}
