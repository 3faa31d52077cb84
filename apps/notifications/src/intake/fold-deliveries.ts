import { type FoldedAlert, MAX_EVENT_IDS, rankOf } from '../planning/fold.js';
import { type Column, unnest, valuesOf } from './columns.js';
import { tellingKey } from './telling-key.js';

const COLUMNS: readonly Column<FoldedAlert>[] = [
  ['system', 'text', (alert) => alert.system],
  ['ticket_id', 'text', (alert) => alert.ticketId],
  ['ticket_number', 'text', (alert) => alert.ticketNumber],
  ['ticket_url', 'text', (alert) => alert.ticketUrl ?? null],
  ['version', 'bigint', (alert) => alert.version],
  ['recipient_key', 'text', ({ recipient }) => recipient.key],
  ['recipient_role', 'text', ({ recipient }) => recipient.role],
  ['recipient_kind', 'text', ({ recipient }) => recipient.kind],
  ['recipient_id', 'text', ({ recipient }) => recipient.id ?? null],
  ['address', 'text', ({ recipient }) => recipient.address],
  ['locale', 'text', ({ recipient }) => recipient.locale ?? null],
  ['timezone', 'text', ({ recipient }) => recipient.timezone ?? null],
  ['template', 'text', (alert) => alert.template],
  ['template_version', 'bigint', (alert) => alert.templateVersion],
  ['template_rank', 'smallint', (alert) => rankOf(alert.template)],
  ['at', 'timestamptz', (alert) => alert.at ?? null],
  ['replies', 'integer', (alert) => alert.replies],
  // `unnest` would flatten arrays of an array; no event id has a space.
  ['event_ids', 'text', (alert) => alert.eventIds.join(' ')],
  ['priority', 'smallint', (alert) => alert.priority],
  ['is_immediate', 'boolean', (alert) => alert.isImmediate],
  ['first_at', 'timestamptz', (alert) => alert.firstAt],
  ['due_at', 'timestamptz', (alert) => alert.dueAt],
];

const names = COLUMNS.map(([name]) => name);
const values = names.map((name) => (name === 'event_ids' ? `string_to_array(${name}, ' ')` : name));

/** What the pending mail says unless the newer fact says at least as much. A question that was answered ranks no more. */
const SPEAKS = `excluded.template_rank >= case
  when d.template = 'information_requested' and d.template_version <= (
    select k.answered_version from known_tickets k where k.system = d.system and k.ticket_id = d.ticket_id) then 1
  else d.template_rank end`;
const IS_NEWER = 'excluded.version >= d.version';
const newer = (column: string) => `${column} = case when ${IS_NEWER} then excluded.${column} else d.${column} end`;
const speaker = (column: string) =>
  `${column} = case when ${IS_NEWER} and ${SPEAKS} then excluded.${column} else d.${column} end`;

/** How many values {@link FOLD} takes, beginning with $3. */
export const FOLD_VALUES = COLUMNS.length;

/**
 * Adds alerts to what is pending, by the rules of `planning/fold.ts`. $1 channel, $2 the longest wait in milliseconds, from $3 on what
 * {@link foldValues} makes. Returns what is pending now for each of them. `case` instead of `do update … where`, because a
 * `where` would answer no row for the older fact.
 */
export const FOLD = `
  insert into deliveries as d (id, ${names.join(', ')}, channel, state)
  select uuidv7(), ${values.join(', ')}, $1, 'pending'
  -- Columns, not JSON: reading that took Postgres a third of its time for a row.
  from ${unnest(COLUMNS, 3)}
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

/** Sorted by the folding index, so that two writers cannot deadlock. */
export function foldValues(alerts: Iterable<FoldedAlert>): unknown[][] {
  const sorted = [...alerts]
    .map((alert) => ({ alert, key: keyOf(alert) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ alert }) => alert);
  return valuesOf(COLUMNS, sorted);
}

function keyOf({ recipient, system, ticketId }: FoldedAlert): string {
  return tellingKey({ recipientKey: recipient.key, system, ticketId });
}
