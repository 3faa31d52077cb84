import { prepared } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { type Fact, ticketKey } from '../planning/fact.js';
import type { ChannelName } from '../planning/plan.js';
import { requesterKey } from '../planning/recipients.js';
import {
  choicesOf,
  type PersonAndTicket,
  type PersonalChoice,
  type PersonSettingsRow,
  personSettings,
  personSettingsValues,
} from '../preferences/load-person-settings.js';
import { type NotificationKey, notificationKey } from './notification-key.js';

/** Versions are 0 where nothing is known. */
export interface KnownTicket {
  readonly seen: number;
  readonly answered: number;
}

/** What the decisions about a batch of facts depend on. */
export interface IntakeState {
  /** By {@link ticketKey}, this batch included; only tickets of which something was seen or answered. */
  readonly tickets: ReadonlyMap<string, KnownTicket>;
  /** The newest version that each person was notified of over each channel, by {@link notificationKey}. */
  readonly notified: ReadonlyMap<string, number>;
  /** What they have decided. */
  choiceOf(one: PersonAndTicket): Omit<PersonalChoice, 'sealedPhrase'>;
  /** The time of the transaction. */
  readonly now: Date;
}

const SQL = `
  with upserted as (
    insert into known_tickets as k (system, ticket_id, version, requester_key, seen_version, answered_version)
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
    on conflict (system, ticket_id) do update set
      requester_key = case when excluded.version >= k.version then excluded.requester_key else k.requester_key end,
      version = greatest(k.version, excluded.version),
      seen_version = greatest(k.seen_version, excluded.seen_version),
      answered_version = greatest(k.answered_version, excluded.answered_version),
      heard_at = now()
    returning system, ticket_id, seen_version, answered_version
  )
  select now() as now,
    (select json_agg(json_build_array(system, ticket_id, seen_version, answered_version))
     from upserted where seen_version > 0 or answered_version > 0) as tickets,
    (select json_agg(json_build_array(w.recipient_key, w.system, w.ticket_id, w.channel, t.version))
     from unnest($7::text[], $8::text[], $9::text[], $10::text[]) as w (recipient_key, system, ticket_id, channel)
     -- One index look-up for each: the plan is made once, perhaps while the table is small, and must not scan it later.
     cross join lateral (
       select version from told t
       where t.recipient_key = w.recipient_key and t.system = w.system and t.ticket_id = w.ticket_id and t.channel = w.channel
       limit 1
     ) t) as notified,
    -- Without phrases, which no plan depends on.
    (select json_agg(json_build_object('person', person, 'system', system, 'ticketId', "ticketId", 'off', off, 'isMuted', "isMuted",
       'mailAfterMinutes', "mailAfterMinutes", 'quietHours', "quietHours", 'chosenLocale', "chosenLocale",
       'chosenTimeZone', "chosenTimeZone"))
     from (${personSettings(11)}) s) as people`;

interface Row {
  readonly now: Date;
  readonly tickets: readonly [system: string, ticketId: string, seen: number, answered: number][] | null;
  readonly notified:
    | readonly [recipientKey: string, system: string, ticketId: string, channel: ChannelName, version: number][]
    | null;
  readonly people: readonly Omit<PersonSettingsRow, 'sealedPhrase'>[] | null;
}

/**
 * Brings the read model of tickets up to date (the newest requester, what that person has seen and answered), and reads the
 * watermarks of those who may be notified, and what they have decided.
 * in: facts of one batch, at least one; keys of those who may be notified · out: what is known now · lock: rows of `known_tickets`, in
 * key order so that two writers cannot deadlock · race: an older fact arriving late changes nothing but the watermarks, which
 * only grow; a delivery that is claimed meanwhile is caught by the pre-send check.
 */
export async function upsertTickets(
  manager: EntityManager,
  facts: readonly Fact[],
  keys: readonly NotificationKey[],
): Promise<IntakeState> {
  const rows = [...newestPerTicket(facts).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const [answer]: [Row] = await prepared(manager, 'upsert_tickets', SQL, [
    rows.map((row) => row.system),
    rows.map((row) => row.ticketId),
    rows.map((row) => row.version),
    rows.map((row) => row.requesterKey),
    rows.map((row) => row.seen),
    rows.map((row) => row.answered),
    keys.map((key) => key.recipientKey),
    keys.map((key) => key.system),
    keys.map((key) => key.ticketId),
    keys.map((key) => key.channel),
    ...personSettingsValues(keys),
  ]);
  const tickets = (answer.tickets ?? []).map(
    ([system, ticketId, seen, answered]) => [ticketKey({ system, ticketId }), { seen, answered }] as const,
  );
  const notified = (answer.notified ?? []).map(
    ([recipientKey, system, ticketId, channel, version]) =>
      [notificationKey({ recipientKey, system, ticketId, channel }), version] as const,
  );
  const choiceOf = choicesOf((answer.people ?? []).map((row) => ({ ...row, sealedPhrase: null })));
  return { tickets: new Map(tickets), notified: new Map(notified), choiceOf, now: answer.now };
}

function newestPerTicket(facts: readonly Fact[]) {
  const tickets = new Map<
    string,
    { system: string; ticketId: string; version: number; requesterKey: string; seen: number; answered: number }
  >();
  for (const { system, event } of facts) {
    const { id: ticketId, version } = event.data.ticket;
    const key = ticketKey({ system, ticketId });
    const known = tickets.get(key);
    const isNewest = !known || version >= known.version;
    tickets.set(key, {
      system,
      ticketId,
      version: isNewest ? version : known.version,
      requesterKey: isNewest ? requesterKey(system, event.data.requester) : known.requesterKey,
      seen: Math.max(known?.seen ?? 0, event.type === 'ticket.seen.v1' ? version : 0),
      answered: Math.max(known?.answered ?? 0, event.type === 'ticket.customer_replied.v1' ? version : 0),
    });
  }
  return tickets;
}
