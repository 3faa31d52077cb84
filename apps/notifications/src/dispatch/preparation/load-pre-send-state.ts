import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { prepared } from '@bellhop/postgres';
import type { ErasedPeople } from '@bellhop/service';
import type { DataSource, EntityManager } from 'typeorm';
import type { Channel } from '../../channels/channel.js';
import { identityOfKey, personKeyOf } from '../../planning/recipients.js';
import {
  choiceOf,
  joinSettings,
  type PersonalChoice,
  type SettingsColumns,
  settingsColumns,
} from '../../preferences/load-person-settings.js';
import type { DeliveryTemplate, LeasedDelivery } from '../delivery.js';
import { MIN_OTHERS } from './merge-team-deliveries.js';

/** What has changed for a delivery since it was planned. */
export interface PreSendState {
  readonly isExpired: boolean;
  readonly requesterKey: string | null;
  /** By the requester, on the page of the ticket. */
  readonly seenVersion: number;
  /** By an agent, who has marked it as seen in their feed. */
  readonly isSeenInFeed: boolean;
  readonly answeredVersion: number;
  /** The newest version that this person was notified of over this channel. */
  readonly notifiedVersion: number;
  readonly isSuppressed: boolean;
  /** The recipient was erased since it was planned. */
  readonly isErased: boolean;
  /** A newer delivery to the same person about the same ticket waits, and ranks at least as high. */
  readonly hasSuccessor: boolean;
  /** An older one whose attempt failed, and that ranks higher: this delivery says that instead. */
  readonly outranked: { readonly template: DeliveryTemplate; readonly at: string | null } | null;
  /** Deliveries to this person in this role, of all systems: about this ticket, and about all tickets, within the windows of the ceilings. */
  readonly recentForTicket: number;
  readonly recentForPerson: number;
  /** How old the oldest of them is, in milliseconds. */
  readonly ticketAgeMs: number | null;
  readonly personAgeMs: number | null;
  /** The same for the team. */
  readonly recentForTeam: number;
  readonly teamAgeMs: number | null;
  /** How many other deliveries wait for the team, counted up to a few; 0 for people. */
  readonly teamWaiting: number;
  readonly choice: PersonalChoice;
  readonly now: Date;
}

type Row = Omit<PreSendState, 'isErased' | 'choice' | 'now'> & SettingsColumns & { readonly id: string };

/** Each by its own index. */
const waitingFor = (state: 'pending' | 'retrying') => `(select count(*)::int from (
  select from deliveries o where o.recipient_key = d.recipient_key and o.state = '${state}' and o.unknowns = 0 and o.channel = d.channel limit ${MIN_OTHERS}
) o)`;

const SQL = `
  select d.id, coalesce(d.expires_at <= now(), false) as "isExpired", k.requester_key as "requesterKey",
    coalesce(k.seen_version, 0)::float8 as "seenVersion",
    f.is_seen is not null as "isSeenInFeed",
    coalesce(k.answered_version, 0)::float8 as "answeredVersion",
    coalesce(t.version, 0)::float8 as "notifiedVersion",
    s.endpoint is not null as "isSuppressed",
    w.has_successor as "hasSuccessor", w.outranked,
    a.for_ticket as "recentForTicket", a.for_person as "recentForPerson",
    extract(epoch from now() - a.oldest_for_ticket)::float8 * 1000 as "ticketAgeMs",
    extract(epoch from now() - a.oldest_for_person)::float8 * 1000 as "personAgeMs",
    a.for_team as "recentForTeam", extract(epoch from now() - a.oldest_for_team)::float8 * 1000 as "teamAgeMs",
    case when d.recipient_role = 'team' then ${waitingFor('pending')} + ${waitingFor('retrying')} else 0 end as "teamWaiting",
    ${settingsColumns}
  from unnest($2::uuid[], $3::text[], $4::text[], $8::text[]) as c (id, suppression_key, ceiling_key, person)
  -- One index look-up each, whatever the plan: it is made once, perhaps while a table is small.
  cross join lateral (select * from deliveries where id = c.id limit 1) d
  left join lateral (
    select * from known_tickets k where k.system = d.system and k.ticket_id = d.ticket_id limit 1
  ) k on true
  ${joinSettings('c.person', 'd')}
  -- An entry that is there and seen: none at all may mean that the feed is late.
  left join lateral (
    select true as is_seen from feed_entries e
    where d.recipient_role = 'assignee' and d.system = '${OWN_SYSTEM}'
      and e.person = d.recipient_id and e.ticket_id = d.ticket_id and e.version >= d.version and e.seen_at is not null
    limit 1
  ) f on true
  left join lateral (
    select version from told t
    where t.recipient_key = d.recipient_key and t.system = d.system and t.ticket_id = d.ticket_id and t.channel = $1
    limit 1
  ) t on true
  left join lateral (
    select endpoint from suppressions
    where channel = $1 and endpoint = c.suppression_key and (systems is null or d.system = any (systems)) limit 1
  ) s on true
  cross join lateral (
    select coalesce(bool_or(n.version > d.version and n.template_rank >= d.template_rank), false) as has_successor,
      (array_agg(json_build_object('template', n.template, 'at', n.at) order by n.template_rank desc, n.version desc)
        filter (where n.state = 'retrying' and n.unknowns = 0
          and n.version < d.version and n.template_rank > d.template_rank))[1] as outranked
    from (
      -- Each by its own index. OFFSET 0 keeps the channel out of it: a planner without statistics would scan everything that is due.
      (select * from deliveries o
       where o.recipient_key = d.recipient_key and o.system = d.system and o.ticket_id = d.ticket_id
         and o.state = 'pending'
       offset 0)
      union all
      (select * from deliveries o
       where o.recipient_key = d.recipient_key and o.system = d.system and o.ticket_id = d.ticket_id
         and o.state = 'retrying'
       offset 0)
    ) n
    where n.channel = d.channel
  ) w
  cross join lateral (
    select count(*) filter (where r.of_ticket)::int as for_ticket, min(r.attempted_at) filter (where r.of_ticket) as oldest_for_ticket,
      count(*) filter (where r.of_person)::int as for_person, min(r.attempted_at) filter (where r.of_person) as oldest_for_person,
      count(*) filter (where r.of_team)::int as for_team, min(r.attempted_at) filter (where r.of_team) as oldest_for_team
    from (
      select o.attempted_at,
        o.system = d.system and o.ticket_id = d.ticket_id and o.attempted_at > now() - $5 * interval '1 millisecond' as of_ticket,
        o.attempted_at > now() - $6 * interval '1 millisecond' as of_person,
        o.attempted_at > now() - $7 * interval '1 millisecond' as of_team
      from deliveries o
      where o.ceiling_key = c.ceiling_key and o.channel = $1 and o.recipient_role = d.recipient_role
        and o.attempted_at > now() - greatest($5, $6, $7) * interval '1 millisecond' and o.id <> d.id
        and o.state in ('sending', 'unknown', 'accepted')
      order by o.attempted_at desc limit 100
    ) r
  ) a`;

/**
 * Reads what the pre-send check is made of.
 * in: leased deliveries of one channel, who was erased · out: delivery id → state · lock: none · race: a change after this statement is
 * too late, as it would be for a message that was sent a moment ago.
 */
export async function loadPreSendState(
  on: DataSource | EntityManager,
  channel: Channel,
  deliveries: readonly LeasedDelivery[],
  people: ErasedPeople,
): Promise<Map<string, PreSendState>> {
  await people.known;
  const { perTicket, perPerson, team } = channel.ceilings;
  const rows: Row[] = await prepared(on, 'load_pre_send_state', SQL, [
    channel.name,
    deliveries.map(({ id }) => id),
    deliveries.map(({ suppressionKey }) => suppressionKey),
    deliveries.map(({ ceilingKey }) => ceilingKey),
    perTicket.windowMs,
    perPerson.windowMs,
    team.windowMs,
    deliveries.map(({ recipientKey }) => personKeyOf(recipientKey)),
  ]);
  const now = new Date();
  const delivered = new Map(deliveries.map((one) => [one.id, one]));
  const states = rows.map((row): [string, PreSendState] => {
    const delivery = delivered.get(row.id) as LeasedDelivery;
    return [row.id, { ...row, isErased: isErased(people, channel, delivery), choice: choiceOf(row), now }];
  });
  return new Map(states);
}

function isErased(people: ErasedPeople, channel: Channel, delivery: LeasedDelivery): boolean {
  const { role, endpoint, recipientKey, firstAt } = delivery;
  if (role === 'team' || people.isEmpty) return false;
  return people.includes(firstAt, channel.identityOf(endpoint) ?? '', identityOfKey(recipientKey) ?? '');
}
