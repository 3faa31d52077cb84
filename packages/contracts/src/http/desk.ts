import { z } from 'zod';
import { MAX_BODY_LENGTH, MAX_HINTED_TICKETS } from '../constants/limits.js';
import { timestamp } from '../events/envelope.js';
import { category, ticketStatus } from '../events/ticket.js';
import { emailAddress, typedEmailAddress } from '../persons/email-address.js';
import { requester } from '../persons/persons.js';
import { page, pageQuery } from './lists.js';
import { writtenText } from './text.js';
import { messageView, ticketView, timelineEntry } from './tickets.js';

/** `GET /desk/tickets?status=&assignee=&category=`. `assignee` is an agent's address, `me` or `none`. */
export const listDeskTicketsQuery = pageQuery.extend({
  status: ticketStatus.optional(),
  assignee: z.union([z.enum(['me', 'none']), typedEmailAddress]).optional(),
  category: category.optional(),
});

/** A ticket as agents see it. */
const deskTicketView = ticketView.extend({
  requester,
  /** Null: nobody has it. Without `email` the provider took back the address of the agent who has. */
  assignee: z.object({ id: z.string(), email: emailAddress.optional() }).nullable(),
});

export const listDeskTicketsResponse = page(deskTicketView);

/** Internal: on no path that a customer can reach, and in no event. `author` is an address, or an id where none is left. */
export const noteView = z.object({ id: z.uuid(), author: z.string().min(1), body: z.string(), createdAt: timestamp });

/** `GET /desk/tickets/:id`. */
export const deskTicketResponse = z.object({
  ticket: deskTicketView,
  messages: z.array(messageView),
  notes: z.array(noteView),
  timeline: z.array(timelineEntry),
});

/** `POST /desk/tickets/:id/information-requests`, 201 and the message. */
export const informationRequest = z.object({ body: writtenText(MAX_BODY_LENGTH), dueAt: timestamp.optional() });

/** `POST /desk/tickets/:id/resolution`, 200 and the ticket. */
export const resolutionRequest = z.object({ body: writtenText(MAX_BODY_LENGTH).optional() });

/** `POST /desk/tickets/:id/notes`, 201 and the note. */
export const noteRequest = z.object({ body: writtenText(MAX_BODY_LENGTH) });

/** `POST /desk/tickets/:id/assignment`, 200 and the ticket. The agent must have signed in before. */
export const assignmentRequest = z.object({ agent: typedEmailAddress });

/**
 * What an event of `GET /desk/stream` carries (`text/event-stream`, event `desk`, its id is `rev`): lists may have changed, and of single
 * tickets those in `tickets`. Without `tickets` any may have: after each connection, and when there are too many to name.
 *
 * Whether the reader is an agent is asked when the stream opens, by its access token; the stream ends with that token at the latest. Who stops being
 * an agent hears until then which tickets change, and can read none of them.
 */
export const deskHint = z.object({
  /** Grows from hint to hint of one stream. */
  rev: z.int().positive(),
  tickets: z.array(z.uuid()).min(1).max(MAX_HINTED_TICKETS).optional(),
});

export type ListDeskTicketsQuery = z.infer<typeof listDeskTicketsQuery>;
export type DeskTicketView = z.infer<typeof deskTicketView>;
export type DeskTicketResponse = z.infer<typeof deskTicketResponse>;
export type NoteView = z.infer<typeof noteView>;
export type InformationRequest = z.infer<typeof informationRequest>;
export type ResolutionRequest = z.infer<typeof resolutionRequest>;
export type NoteRequest = z.infer<typeof noteRequest>;
export type AssignmentRequest = z.infer<typeof assignmentRequest>;
export type DeskHint = z.infer<typeof deskHint>;
