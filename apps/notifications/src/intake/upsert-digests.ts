import { type Column, unnest, valuesOf } from '@bellhop/postgres';
import { type Digest, MAX_EVENT_IDS } from '../planning/digest.js';
import { notificationKey } from './notification-key.js';

const COLUMNS: readonly Column<Digest>[] = [
  ['channel', 'text', (digest) => digest.channel],
  ['system', 'text', (digest) => digest.system],
  ['ticket_id', 'text', (digest) => digest.ticketId],
  ['ticket_number', 'text', (digest) => digest.ticketNumber],
  ['ticket_url', 'text', (digest) => digest.ticketUrl ?? null],
  ['version', 'bigint', (digest) => digest.version],
  ['recipient_key', 'text', ({ recipient }) => recipient.key],
  ['recipient_role', 'text', ({ recipient }) => recipient.role],
  ['recipient_kind', 'text', ({ recipient }) => recipient.kind],
  ['recipient_id', 'text', ({ recipient }) => recipient.id ?? null],
  ['endpoint', 'text', (digest) => digest.endpoint],
  ['locale', 'text', ({ recipient }) => recipient.locale ?? null],
  ['timezone', 'text', ({ recipient }) => recipient.timezone ?? null],
  ['template', 'text', (digest) => digest.template],
  ['template_version', 'bigint', (digest) => digest.templateVersion],
  ['template_rank', 'smallint', (digest) => digest.rank],
  ['at', 'timestamptz', (digest) => digest.at ?? null],
  ['replies', 'integer', (digest) => digest.replies],
  // `unnest` would flatten arrays of an array; no event id has a space.
  ['event_ids', 'text', (digest) => digest.eventIds.join(' ')],
  ['priority', 'smallint', (digest) => digest.priority],
  ['is_immediate', 'boolean', (digest) => digest.isImmediate],
  ['first_at', 'timestamptz', (digest) => digest.firstAt],
  ['due_at', 'timestamptz', (digest) => digest.dueAt],
  ['latest_at', 'timestamptz', (digest) => digest.latestAt],
];

const names = COLUMNS.map(([name]) => name);
const values = names.map((name) => (name === 'event_ids' ? `string_to_array(${name}, ' ')` : name));

/** The newer fact gives the template when it ranks at least as high as the pending one. An answered question has the lowest rank. */
const RANKS_AS_HIGH = `excluded.template_rank >= case
  when d.template = 'information_requested' and d.template_version <= (
    select k.answered_version from known_tickets k where k.system = d.system and k.ticket_id = d.ticket_id) then 1
  else d.template_rank end`;
const IS_NEWER = 'excluded.version >= d.version';
const newer = (column: string) => `${column} = case when ${IS_NEWER} then excluded.${column} else d.${column} end`;
const ofTemplate = (column: string) =>
  `${column} = case when ${IS_NEWER} and ${RANKS_AS_HIGH} then excluded.${column} else d.${column} end`;

/** How many parameters {@link UPSERT_DIGESTS} takes, beginning with $1. */
export const DIGEST_VALUES = COLUMNS.length;

/**
 * Merges digests into those that are pending, by the rules of `planning/digest.ts`. Its parameters come from {@link digestValues}.
 * Returns the pending row of each. `case` instead of `do update … where`: a `where` would return no row for an older fact.
 */
export const UPSERT_DIGESTS = `
  insert into deliveries as d (id, ${names.join(', ')}, state)
  select uuidv7(), ${values.join(', ')}, 'pending'
  -- Columns, not JSON: reading that took Postgres a third of its time for a row.
  from ${unnest(COLUMNS, 1, 'f')}
  on conflict (recipient_key, system, ticket_id, channel) where state = 'pending' do update set
    ${['ticket_number', 'ticket_url', 'version', 'recipient_role', 'endpoint', 'locale', 'timezone'].map(newer).join(', ')},
    ${['template', 'template_version', 'template_rank', 'at'].map(ofTemplate).join(', ')},
    replies = d.replies + case when ${IS_NEWER} then excluded.replies else 0 end,
    event_ids = case when ${IS_NEWER}
      then (d.event_ids || excluded.event_ids)[greatest(1, cardinality(d.event_ids || excluded.event_ids) - ${MAX_EVENT_IDS - 1}):]
      else d.event_ids end,
    priority = case when ${IS_NEWER} then least(d.priority, excluded.priority) else d.priority end,
    is_immediate = d.is_immediate or (${IS_NEWER} and excluded.is_immediate),
    due_at = case when d.is_immediate or not ${IS_NEWER} then d.due_at else least(excluded.due_at, coalesce(d.latest_at, d.due_at)) end
  returning d.id, d.channel, d.recipient_key, d.system, d.ticket_id, d.version`;

/** The digests in the order of the digest index, so that two writers cannot deadlock. */
export function digestValues(digests: Iterable<Digest>): unknown[][] {
  const sorted = [...digests]
    .map((digest) => ({ digest, key: keyOf(digest) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ digest }) => digest);
  return valuesOf(COLUMNS, sorted);
}

function keyOf({ recipient, system, ticketId, channel }: Digest): string {
  return notificationKey({ recipientKey: recipient.key, system, ticketId, channel });
}
