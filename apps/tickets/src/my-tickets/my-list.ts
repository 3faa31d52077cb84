import { MAX_EXCERPT_LENGTH } from '@bellhop/contracts/constants';
import { TICKET_STATUSES } from '@bellhop/contracts/events';
import type { ListedTicketView, ListTicketsQuery, Page } from '@bellhop/contracts/http';
import type { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor } from '../tickets/ticket-cursor.js';
import { readTicketNumber } from '../tickets/ticket-numbers.js';
import { ticketView } from '../tickets/ticket-views.js';
import { turnOf } from '../tickets/turn.js';
import { type ListedRow, listMyTickets, type Part, type Search } from './list-my-tickets.js';

const MAX_WORDS = 8;

/** One page of the tickets of a requester, in one query. @throws Problem 400 `invalid_cursor` */
export async function myList(
  dataSource: DataSource,
  requesterId: string,
  { status, cursor, limit, q }: ListTicketsQuery,
): Promise<Page<ListedTicketView>> {
  const parts = partsOf(status, cursor);
  // One more than asked for tells whether there is a next page.
  const rows = await listMyTickets(dataSource, requesterId, parts, limit + 1, searchOf(q));
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(listedView), next: rows.length > limit && last ? encodeCursor(last) : null };
}

/** Of the open ones those that wait for the requester come first. What stands before the cursor is left out. */
export function partsOf(status: ListTicketsQuery['status'], cursor: string | undefined): Part[] {
  const after = cursor === undefined ? null : decodeCursor(cursor);
  return TICKET_STATUSES.filter((each) => !status || (each === 'closed') === (status === 'closed')).flatMap((each) => {
    const rank = status === 'open' && turnOf({ status: each, promise: null }, null).isYourTurn ? 1 : 0;
    if (after && rank > after.rank) return [];
    return [{ status: each, rank, after: after?.rank === rank ? after : null }];
  });
}

function searchOf(q: string | undefined): Search | undefined {
  if (q === undefined) return undefined;
  // A number is copied with the sign before it.
  const words = q
    .normalize('NFC')
    .replaceAll(/(^|\s)#/g, '$1')
    .trim()
    .split(/\s+/);
  const distinct = new Set(words.map((word) => word.toLowerCase()));
  return { words: [...distinct].slice(0, MAX_WORDS), number: readTicketNumber(words.join('')) };
}

function listedView(row: ListedRow): ListedTicketView {
  const { subject, unread, lastAuthor, lastBody, lastAt, neededBy } = row;
  const view = ticketView({ ticket: row, subject });
  return {
    ...view,
    ...turnOf(view, neededBy),
    unread,
    lastMessage: { by: lastAuthor, excerpt: excerptOf(lastBody), at: lastAt.toISOString() },
  };
}

const letters = new Intl.Segmenter();

/** The beginning of a text as one line, not cut within a letter. */
export function excerptOf(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length <= MAX_EXCERPT_LENGTH) return line;
  let excerpt = '';
  for (const { segment } of letters.segment(line)) {
    if (excerpt.length + segment.length >= MAX_EXCERPT_LENGTH) break;
    excerpt += segment;
  }
  return `${excerpt.trimEnd()}…`;
}
