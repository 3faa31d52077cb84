import { z } from 'zod';
import { MAX_UNREAD } from '../constants/limits.js';
import { FEED_KINDS } from '../constants/words.js';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { identifier } from '../persons/persons.js';
import { wordOf } from '../shape.js';
import { page } from './lists.js';

/** What an entry tells of. */
export const feedKind = wordOf(FEED_KINDS);

/**
 * How a person's feed stands, always as a whole: never a difference to what was sent before. It is also what an event of
 * `GET /notifications/feed/stream` (`text/event-stream`, event `feed`, its id is `rev`) carries.
 */
export const feedState = z.object({
  /** Unseen entries; 100 means "100 or more". */
  unread: z.int().min(0).max(MAX_UNREAD),
  /** Grows with every change of the person's entries. What is older than a `rev` that was seen is out of date. */
  rev: z.int().nonnegative(),
});

/** One alert. No subject and no text of anybody. Its ticket is always one of ours. */
const feedEntryView = z.object({
  id: z.uuid(),
  ticket: z.object({ id: identifier, number: ticketNumber, version: z.int().positive() }),
  kind: feedKind,
  /** Replies that it tells of, at least 1. */
  count: z.int().positive(),
  /** When something is due, or by when an answer was promised. */
  dueAt: timestamp.nullable(),
  /** The page of the ticket. */
  url: z.url(),
  /** When the first event of it arrived. */
  at: timestamp,
  seenAt: timestamp.nullable(),
});

/** `GET /notifications/feed?cursor=&limit=`: the caller's own entries, newest first, and how the feed stands. */
export const listFeedResponse = page(feedEntryView).extend(feedState.shape);

/**
 * `POST /notifications/feed/seen` → {@link feedState}: `upTo` marks this entry and all older ones as seen, so that one which arrived
 * since the list was read stays unread; `all` marks every one.
 */
export const feedSeenRequest = z
  .object({
    upTo: z.uuid({ error: 'must be the id of an entry' }).optional(),
    all: z.literal(true, { error: 'must be true, or left out' }).optional(),
  })
  .refine(({ upTo, all }) => (upTo === undefined) !== (all === undefined), {
    error: 'must have either "upTo", the id of an entry, or "all": true',
  });

export type FeedKind = z.infer<typeof feedKind>;
export type FeedState = z.infer<typeof feedState>;
export type FeedEntryView = z.infer<typeof feedEntryView>;
export type ListFeedResponse = z.infer<typeof listFeedResponse>;
export type FeedSeenRequest = z.infer<typeof feedSeenRequest>;
