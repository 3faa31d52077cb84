import { MESSAGES_PER_PAGE, TIMELINE_ENTRIES_PER_PAGE } from '@bellhop/contracts/constants';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { Versions } from './conversation.js';
import type { Ticket } from './ticket.js';

/** A part of a conversation, and what its page has to know of the rest. */
export interface ConversationPage {
  readonly versions: Versions;
  readonly hasEarlier: boolean;
  /** The oldest message of an agent that the requester has not seen. */
  readonly firstUnreadId: string | null;
  /** Of the newest question. */
  readonly neededBy: Date | null;
}

interface Row extends Omit<ConversationPage, 'versions'> {
  /** Null: from the beginning. */
  readonly from: number | null;
}

/** Each is a look into the index of a ticket's messages or entries, by version; the limits stand in the text. */
const SQL = `
  with page as materialized (
    select greatest(
      (select version from messages where ticket_id = $1 and version < $2
        order by version desc offset ${MESSAGES_PER_PAGE - 1} limit 1),
      (select version from timeline_entries where ticket_id = $1 and version < $2
        order by version desc offset ${TIMELINE_ENTRIES_PER_PAGE - 1} limit 1)) as "from"
  )
  select page."from",
    exists (select from messages where ticket_id = $1 and version < page."from")
      or exists (select from timeline_entries where ticket_id = $1 and version < page."from") as "hasEarlier",
    (select id from messages where ticket_id = $1 and version > $3 and author = 'agent'
      order by version limit 1) as "firstUnreadId",
    (select due_at from messages where ticket_id = $1 and kind = 'information_request'
      order by version desc limit 1) as "neededBy"
  from page`;

/**
 * The newest page of a conversation, or the one before a version.
 * in: a ticket, what its requester has seen, and where the page ends · out: the page · lock: none · race: what is written meanwhile has a
 * larger version, and is on the next page or after this one
 */
export async function findPage(
  dataSource: DataSource,
  { id, seenVersion }: Pick<Ticket, 'id' | 'seenVersion'>,
  before: number,
): Promise<ConversationPage> {
  const [row] = await prepared<[Row]>(dataSource, 'find_conversation_page', SQL, [id, before, seenVersion]);
  const { from, ...page } = row;
  return { ...page, versions: { from: from ?? 0, before } };
}
