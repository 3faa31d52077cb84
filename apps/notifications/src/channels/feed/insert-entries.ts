import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { type Column, prepared, unnest, valuesOf } from '@bellhop/postgres';
import type { EntityManager } from 'typeorm';
import { type FeedChange, RAISED } from './feed-change.js';
import type { FeedEntry } from './feed-entry.js';

export interface NewEntry extends FeedEntry {
  readonly deliveryId: string;
}

const COLUMNS: readonly Column<NewEntry>[] = [
  ['delivery_id', 'uuid', (entry) => entry.deliveryId],
  ['person', 'text', (entry) => entry.person],
  ['ticket_id', 'text', (entry) => entry.ticketId],
  ['ticket_number', 'text', (entry) => entry.ticketNumber],
  ['version', 'bigint', (entry) => entry.version],
  ['kind', 'text', (entry) => entry.kind],
  ['count', 'integer', (entry) => entry.count],
  ['due_at', 'timestamptz', (entry) => entry.dueAt],
  ['url', 'text', (entry) => entry.url],
  ['at', 'timestamptz', (entry) => entry.at],
];
const names = COLUMNS.map(([name]) => name);
const WITH_ROLE: typeof COLUMNS = [...COLUMNS, ['is_for_requester', 'boolean', (entry) => entry.isForRequester]];

const SQL = `
  with changed as (
    insert into feed_entries (${names.join(', ')}, seen_at)
    select ${names.map((name) => `f.${name}`).join(', ')},
      case when f.is_for_requester and k.seen_version >= f.version then now() end
    from ${unnest(WITH_ROLE, 1, 'f')}
    left join lateral (
      select seen_version from known_tickets where system = '${OWN_SYSTEM}' and ticket_id = f.ticket_id limit 1
    ) k on true
    on conflict (delivery_id) do nothing
    returning person
  ), ${RAISED}
  select person, rev::float8 as rev from raised`;

/**
 * Adds entries. One of a delivery that has an entry changes nothing.
 * in: entries, whose feeds are locked · out: the feeds that have changed · lock: none more · race: a ticket that was seen since its delivery
 * was checked: its entry is seen from the start.
 */
export function insertEntries(manager: EntityManager, entries: readonly NewEntry[]): Promise<FeedChange[]> {
  return prepared(manager, 'insert_feed_entries', SQL, valuesOf(WITH_ROLE, entries));
}
