import { MAX_PAGE_SIZE } from '@bellhop/contracts/constants';
import type { Category, Priority, TicketStatus } from '@bellhop/contracts/events';
import { prepared } from '@bellhop/postgres';
import type { DataSource } from 'typeorm';
import type { Position } from '../tickets/ticket-cursor.js';

/** Tickets of one status, from a place in the list on. */
export interface Part {
  readonly status: TicketStatus;
  /** Parts with a higher rank come first. */
  readonly rank: number;
  /** The last ticket of the page before; null: from the newest on. */
  readonly after: Position | null;
}

export interface ListedRow {
  readonly id: string;
  readonly number: string;
  readonly subject: string;
  readonly status: TicketStatus;
  readonly category: Category;
  readonly priority: Priority;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly rank: number;
  readonly unread: number;
  readonly lastAuthor: 'customer' | 'agent';
  readonly lastBody: string;
  readonly lastAt: Date;
  /** Of the newest question, while the ticket waits for its answer. */
  readonly neededBy: Date | null;
}

/** Of a message, as long as it may be for its beginning to be told in one line. */
const BEGINNING = 500;
/** What is searched at most. */
const SEARCHED_TICKETS = 500;
const SEARCHED_MESSAGES = 2_000;
/** Of each message. */
const SEARCHED_LETTERS = 4_000;

const TICKET = `t.id, t.number, t.subject, t.status, t.category, t.priority, t.version, t.seen_version,
          t.created_at as "createdAt", t.updated_at as "updatedAt"`;

const PARTS = `unnest($2::text[], $3::integer[], $4::timestamptz[], $5::uuid[]) as part(status, rank, before, before_id)`;

/**
 * The tickets of each part are a stretch of one index (`tickets_of_requester`). The limit stands in the text: of a parameter the planner knows
 * nothing, and sorts.
 */
const PAGE = `
  select found.*, part.rank
    from ${PARTS}
    cross join lateral (
      select ${TICKET} from tickets t
       where t.requester_id = $1 and t.status = part.status and (t.updated_at, t.id) < (part.before, part.before_id)
       order by t.updated_at desc, t.id desc limit ${MAX_PAGE_SIZE + 1}
    ) found
   order by part.rank desc, found."updatedAt" desc, found.id desc limit $6`;

/**
 * The texts of the newest tickets, each put together, so that words are found wherever they stand. There is no index for words: one person has
 * few tickets, and an index over those of all would find mostly those of others. The limit of each ticket keeps the planner from reading all
 * messages at once.
 */
const MATCHES = `
  with mine as materialized (
    select found.*, part.rank, (found."updatedAt", found.id) < (part.before, part.before_id) as is_after
      from ${PARTS}
      cross join lateral (
        select ${TICKET} from tickets t
         where t.requester_id = $1 and t.status = part.status
         order by t.updated_at desc, t.id desc limit ${SEARCHED_TICKETS}
      ) found
     order by found."updatedAt" desc, found.id desc limit ${SEARCHED_TICKETS}
  ), texts as materialized (
    select message.ticket_id, message.body
      from mine
      cross join lateral (
        select ticket_id, body, version from messages
         where ticket_id = mine.id order by version desc limit ${SEARCHED_MESSAGES}
      ) message
     order by mine."updatedAt" desc, mine.id desc, message.version desc limit ${SEARCHED_MESSAGES}
  ), said as (
    select ticket_id, string_agg(left(body, ${SEARCHED_LETTERS}), ' ') as words from texts group by ticket_id
  )
  select mine.* from mine left join said on said.ticket_id = mine.id
   where mine.is_after and (
     mine.number = $8
     or lower(concat_ws(' ', mine.number, mine.subject, said.words) collate pg_c_utf8) like all ($7::text[]))
   order by mine.rank desc, mine."updatedAt" desc, mine.id desc limit $6`;

const withMessages = (page: string) => `
  select page.*, newest.author as "lastAuthor", newest.body as "lastBody", newest.created_at as "lastAt",
         question.due_at as "neededBy",
         (select count(*)::integer from messages
           where ticket_id = page.id and version > page.seen_version and author = 'agent') as unread
    from (${page}) page
    cross join lateral (
      select author, left(body, ${BEGINNING}) as body, created_at from messages
       where ticket_id = page.id order by version desc limit 1
    ) newest
    left join lateral (
      select due_at from messages
       where ticket_id = page.id and page.status = 'waiting' and kind = 'information_request'
       order by version desc limit 1
    ) question on true
   order by page.rank desc, page."updatedAt" desc, page.id desc`;

const LIST = withMessages(PAGE);
const SEARCH = withMessages(MATCHES);

export interface Search {
  /** In small letters. */
  readonly words: readonly string[];
  /** What is asked for, read as the number of a ticket. */
  readonly number: string;
}

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * The first tickets of a list of one requester, with their newest message.
 * in: the requester's key, parts, how many rows, and what to search for, if something · out: rows in order · lock: none · race: a ticket that changes
 * while pages are turned moves to the front, and may be missed or come twice
 */
export function listMyTickets(
  dataSource: DataSource,
  requesterId: string,
  parts: readonly Part[],
  limit: number,
  search?: Search,
): Promise<ListedRow[]> {
  const values = [
    requesterId,
    parts.map(({ status }) => status),
    parts.map(({ rank }) => rank),
    parts.map(({ after }) => after?.updatedAt.toISOString() ?? 'infinity'),
    parts.map(({ after }) => after?.id ?? LAST_ID),
    limit,
  ];
  if (!search) return prepared(dataSource, 'list_my_tickets', LIST, values);
  const patterns = search.words.map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`);
  return prepared(dataSource, 'search_my_tickets', SEARCH, [...values, patterns, search.number]);
}
