import { z } from 'zod';
import {
  MAX_ATTACHMENTS,
  MAX_BODY_LENGTH,
  MAX_EXCERPT_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_SUBJECT_LENGTH,
} from '../constants/limits.js';
import { MESSAGE_KINDS } from '../constants/words.js';
import { timestamp } from '../events/envelope.js';
import { category, priority, promise, ticketNumber, ticketStatus } from '../events/ticket.js';
import { typedEmailAddress } from '../persons/email-address.js';
import { locale } from '../persons/locale.js';
import { cursor, page, pageQuery } from './lists.js';
import { optionalText, writtenLine, writtenText } from './text.js';
import { typedUuid } from './typed-uuid.js';

const attachmentIds = z.array(typedUuid).max(MAX_ATTACHMENTS).optional();

/** `POST /tickets`. `guest` when nobody is signed in, and only then. `Idempotency-Key` is required. */
export const fileTicketRequest = z.object({
  category,
  subject: writtenLine(MAX_SUBJECT_LENGTH),
  body: writtenText(MAX_BODY_LENGTH),
  attachmentIds,
  guest: z.object({ email: typedEmailAddress, locale: locale.optional() }).optional(),
});

/** 201. `challengeId` when a guest has to prove the address first. */
export const fileTicketResponse = z.object({
  id: z.uuid(),
  number: ticketNumber,
  status: ticketStatus,
  challengeId: z.uuid().optional(),
});

/**
 * `GET /tickets?status=open|closed&q=`: "closed" lists the closed ones, "open" all others, those first that wait for the requester; absent
 * lists all. Newest activity first. `q`: only tickets in which every word of it (the first eight) is part of the number, the subject or
 * a message, whatever the case. Of a requester with very many, the newest 500 tickets and in them the newest 2,000 messages are
 * searched, of each the first 4,000 characters.
 */
export const listTicketsQuery = pageQuery.extend({
  status: z.enum(['open', 'closed']).optional(),
  q: writtenLine(MAX_SEARCH_LENGTH).optional(),
});

/** A ticket as its requester sees it. */
export const ticketView = z.object({
  id: z.uuid(),
  number: ticketNumber,
  subject: z.string(),
  status: ticketStatus,
  category,
  priority,
  version: z.int().positive(),
  /** By when an answer is promised; null when none is awaited. */
  promise: promise.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

/**
 * Whose turn it is, for the requester:
 *
 * | status | `isYourTurn` | `answerBy` |
 * |---|---|---|
 * | waiting | true: an agent has asked for something | until when it is needed, if the agent has said so |
 * | open | false: we have to answer | what was promised |
 * | unverified, resolved, closed | false: nobody has to do anything | null |
 */
const turn = { isYourTurn: z.boolean(), answerBy: timestamp.nullable() };

/** A ticket in the list of its requester. */
const listedTicketView = ticketView.extend({
  ...turn,
  /** Messages of agents that are newer than what the requester has had on the screen. */
  unread: z.int().nonnegative(),
  lastMessage: z.object({
    by: z.enum(['customer', 'agent']),
    /** Its beginning, as one line; ends with "…" where there is more. Empty: only files were sent. */
    excerpt: z.string().max(MAX_EXCERPT_LENGTH),
    at: timestamp,
  }),
});
export const listTicketsResponse = page(listedTicketView);

/** `POST /attachments` (multipart, field `file`) and each attachment of a message. */
export const attachmentView = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  sizeBytes: z.int().nonnegative(),
});

/** One public entry of the conversation. Notes of agents are never among them. */
export const messageView = z.object({
  id: z.uuid(),
  author: z.enum(['customer', 'agent']),
  kind: z.enum(MESSAGE_KINDS),
  /** Empty: only files were sent. */
  body: z.string(),
  attachments: z.array(attachmentView),
  createdAt: timestamp,
});

/** What happened to the ticket, oldest first. `type` is the event's name without context and version: `replied`. */
export const timelineEntry = z.object({
  type: z.string().regex(/^[a-z][a-z_]*$/),
  at: timestamp,
  by: z.enum(['customer', 'agent', 'system']),
});

/**
 * `GET /tickets/:id?before=`: the newest 50 messages, oldest first, and what happened to the ticket meanwhile (the newest 200 of it); with
 * `before` those before them. An `earlier` that nobody made: 400 `invalid_cursor`.
 */
export const readTicketQuery = z.object({ before: cursor.optional() });
export const ticketResponse = z.object({
  ticket: ticketView.extend({
    ...turn,
    /** The newest version that the requester has had on the screen. */
    seenVersion: z.int().nonnegative(),
  }),
  messages: z.array(messageView),
  timeline: z.array(timelineEntry),
  /** What to send as `before` to read on; null: this is where the ticket begins. */
  earlier: cursor.nullable(),
  /** The oldest message of an agent that is newer than `seenVersion`, on this page or before it. */
  firstUnreadMessageId: z.uuid().nullable(),
});

/**
 * `POST /tickets/:id/messages` and `POST /desk/tickets/:id/replies`, answered by 201 and the message. `Idempotency-Key` is required. Files
 * need no text: then `body` is empty or left out.
 */
export const postMessageRequest = z
  .object({ body: optionalText(MAX_BODY_LENGTH), attachmentIds })
  .refine(({ body, attachmentIds: files = [] }) => body !== '' || files.length > 0, {
    path: ['body'],
    error: 'must not be empty, unless files are sent',
  });

/**
 * `PUT /tickets/:id/seen`, 204. `version` is that of the ticket on the screen: a fact that came after it is not
 * seen yet. Without it the ticket's present version is meant.
 */
export const seenRequest = z.object({ version: z.int().positive().optional() });

/**
 * What an event of `GET /tickets/:id/stream` carries (`text/event-stream`, event `ticket`, its id is `version`): the ticket's present
 * version. The first one comes after each connection; whoever has an older version reads the ticket again.
 */
export const ticketHint = z.object({ version: z.int().positive() });

export type FileTicketRequest = z.infer<typeof fileTicketRequest>;
export type FileTicketResponse = z.infer<typeof fileTicketResponse>;
export type ListTicketsQuery = z.infer<typeof listTicketsQuery>;
export type TicketView = z.infer<typeof ticketView>;
export type ListedTicketView = z.infer<typeof listedTicketView>;
export type AttachmentView = z.infer<typeof attachmentView>;
export type MessageView = z.infer<typeof messageView>;
export type TimelineEntry = z.infer<typeof timelineEntry>;
export type ReadTicketQuery = z.infer<typeof readTicketQuery>;
export type TicketResponse = z.infer<typeof ticketResponse>;
export type PostMessageRequest = z.infer<typeof postMessageRequest>;
export type SeenRequest = z.infer<typeof seenRequest>;
export type TicketHint = z.infer<typeof ticketHint>;
