import type { MailAfterMinutes, QuietHours } from '@bellhop/contracts/http';
import { prepared } from '@bellhop/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { identityOfKey } from '../planning/recipients.js';
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

const SQL = `
  select p.person, p.system, p.ticket_id as "ticketId", coalesce(s.off, '{}') as off, s.mail_after_minutes as "mailAfterMinutes",
    s.quiet_hours as "quietHours", s.locale, s.timezone as "timeZone", s.sealed_phrase as "sealedPhrase", m.person is not null as "isMuted"
  from unnest($1::text[], $2::text[], $3::text[]) as p (person, system, ticket_id)
  -- One index look-up each, whatever the plan: it is made once, perhaps while the tables are small.
  left join lateral (select * from person_settings where person = p.person limit 1) s on true
  left join lateral (
    select person from ticket_mutes where person = p.person and system = p.system and ticket_id = p.ticket_id limit 1
  ) m on true
  where s.person is not null or m.person is not null`;

interface Row {
  readonly person: string;
  readonly system: string;
  readonly ticketId: string;
  readonly off: readonly string[];
  readonly mailAfterMinutes: MailAfterMinutes | null;
  readonly quietHours: QuietHours | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  readonly sealedPhrase: Buffer | null;
  readonly isMuted: boolean;
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
  const people = new Map<string, [person: string, system: string, ticketId: string]>();
  for (const { recipientKey, system, ticketId } of about) {
    const person = identityOfKey(recipientKey);
    if (person !== null) people.set(keyOf(person, system, ticketId), [person, system, ticketId]);
  }
  if (people.size === 0) return () => NOTHING_DECIDED;
  const asked = [...people.values()];
  const rows: Row[] = await prepared(
    on,
    'load_person_settings',
    SQL,
    [0, 1, 2].map((at) => asked.map((one) => one[at])),
  );
  const choices = new Map(rows.map((row) => [keyOf(row.person, row.system, row.ticketId), choiceOf(row)]));
  return ({ recipientKey, system, ticketId }) =>
    choices.get(keyOf(identityOfKey(recipientKey) ?? '', system, ticketId)) ?? NOTHING_DECIDED;
}

function choiceOf({ off, mailAfterMinutes, quietHours, locale, timeZone, isMuted, sealedPhrase }: Row): PersonalChoice {
  const settings = { off: new Set(off), mailAfterMinutes, quietHours, locale, timeZone };
  return { settings, isMuted, sealedPhrase };
}

/** No part contains a space but the identity, which comes last. */
function keyOf(person: string, system: string, ticketId: string): string {
  return `${system} ${ticketId} ${person}`;
}
