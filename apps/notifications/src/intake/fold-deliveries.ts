import { type FoldedAlert, MAX_EVENT_IDS, rankOf } from '../planning/fold.js';
import { tellingKey } from './telling-key.js';

const COLUMNS = [
  ['system', 'text'],
  ['ticket_id', 'text'],
  ['ticket_number', 'text'],
  ['ticket_url', 'text'],
  ['version', 'bigint'],
  ['recipient_key', 'text'],
  ['recipient_role', 'text'],
  ['recipient_kind', 'text'],
  ['recipient_id', 'text'],
  ['address', 'text'],
  ['locale', 'text'],
  ['timezone', 'text'],
  ['template', 'text'],
  ['template_version', 'bigint'],
  ['template_rank', 'smallint'],
  ['at', 'timestamptz'],
  ['replies', 'integer'],
  ['event_ids', 'text[]'],
  ['priority', 'smallint'],
  ['is_immediate', 'boolean'],
  ['first_at', 'timestamptz'],
  ['due_at', 'timestamptz'],
] as const;

const names = COLUMNS.map(([name]) => name);

/** What the pending mail says unless the newer fact says at least as much. A question that was answered ranks no more. */
const SPEAKS = `excluded.template_rank >= case
  when d.template = 'information_requested' and d.template_version <= (
    select k.answered_version from known_tickets k where k.system = d.system and k.ticket_id = d.ticket_id) then 1
  else d.template_rank end`;
const IS_NEWER = 'excluded.version >= d.version';
const newer = (column: string) => `${column} = case when ${IS_NEWER} then excluded.${column} else d.${column} end`;
const speaker = (column: string) =>
  `${column} = case when ${IS_NEWER} and ${SPEAKS} then excluded.${column} else d.${column} end`;

/**
 * Adds alerts to what is pending, by the rules of `planning/fold.ts`. $1 channel, $2 the longest wait in milliseconds, $3 rows as
 * {@link toRow} makes them, sorted by its order. Returns what is pending now for each of them. `case` instead of `do update
 * … where`, because a `where` would answer no row for the older fact.
 */
export const FOLD = `
  insert into deliveries as d (id, ${names.join(', ')}, channel, state)
  select uuidv7(), f.*, $1, 'pending'
  -- One JSON text: as arrays, these columns cost this process more than all planning did.
  from json_to_recordset($3::json) as f (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})
  on conflict (recipient_key, system, ticket_id, channel) where state = 'pending' do update set
    ${['ticket_number', 'ticket_url', 'version', 'recipient_role', 'address', 'locale', 'timezone'].map(newer).join(', ')},
    ${['template', 'template_version', 'template_rank', 'at'].map(speaker).join(', ')},
    replies = d.replies + case when ${IS_NEWER} then excluded.replies else 0 end,
    event_ids = case when ${IS_NEWER}
      then (d.event_ids || excluded.event_ids)[greatest(1, cardinality(d.event_ids || excluded.event_ids) - ${MAX_EVENT_IDS - 1}):]
      else d.event_ids end,
    priority = case when ${IS_NEWER} then least(d.priority, excluded.priority) else d.priority end,
    is_immediate = d.is_immediate or (${IS_NEWER} and excluded.is_immediate),
    due_at = case
      when d.is_immediate or not ${IS_NEWER} then d.due_at
      else least(excluded.due_at, d.first_at + $2 * interval '1 millisecond') end
  returning d.id, d.recipient_key, d.system, d.ticket_id, d.version`;

export function toRow(alert: FoldedAlert) {
  const { recipient } = alert;
  const columns: Record<(typeof names)[number], unknown> & { version: number } = {
    system: alert.system,
    ticket_id: alert.ticketId,
    ticket_number: alert.ticketNumber,
    ticket_url: alert.ticketUrl ?? null,
    version: alert.version,
    recipient_key: recipient.key,
    recipient_role: recipient.role,
    recipient_kind: recipient.kind,
    recipient_id: recipient.id ?? null,
    address: recipient.address,
    locale: recipient.locale ?? null,
    timezone: recipient.timezone ?? null,
    template: alert.template,
    template_version: alert.templateVersion,
    template_rank: rankOf(alert.template),
    at: alert.at ?? null,
    replies: alert.replies,
    event_ids: alert.eventIds,
    priority: alert.priority,
    is_immediate: alert.isImmediate,
    first_at: alert.firstAt,
    due_at: alert.dueAt,
  };
  return {
    order: tellingKey({ recipientKey: recipient.key, system: alert.system, ticketId: alert.ticketId }),
    columns,
  };
}
