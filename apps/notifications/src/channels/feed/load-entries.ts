import type { FeedEntryView, Page } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { decodeId } from '../../ops/cursor.js';
import { ALL_ENTRIES } from './mark-entries-seen.js';

interface Row extends Omit<FeedEntryView, 'ticket' | 'at' | 'dueAt' | 'seenAt'> {
  readonly ticketId: string;
  readonly number: string;
  readonly version: number;
  readonly at: Date;
  readonly dueAt: Date | null;
  readonly seenAt: Date | null;
}

const SQL = `
  select id, ticket_id as "ticketId", ticket_number as number, version::float8 as version, kind, count, due_at as "dueAt", url, at,
    seen_at as "seenAt"
  from feed_entries where person = $1 and id < $2 order by id desc limit $3`;

/**
 * One page of a person's entries, newest first.
 * in: account, page · out: entries and the next cursor · lock: none · race: none, pages go on behind the last row, wherever that is by then.
 */
export async function loadEntries(
  dataSource: DataSource,
  person: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<FeedEntryView>> {
  const before = cursor === undefined ? ALL_ENTRIES : decodeId(cursor);
  // One more than asked for tells whether there is a next page.
  const rows: Row[] = await dataSource.query(SQL, [person, before, limit + 1]);
  const last = rows[limit - 1];
  return { items: rows.slice(0, limit).map(viewOf), next: rows.length > limit && last ? last.id : null };
}

function viewOf({ ticketId, number, version, at, dueAt, seenAt, ...row }: Row): FeedEntryView {
  return {
    ...row,
    ticket: { id: ticketId, number, version },
    at: at.toISOString(),
    dueAt: dueAt?.toISOString() ?? null,
    seenAt: seenAt?.toISOString() ?? null,
  };
}
