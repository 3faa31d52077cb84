import { randomUUID } from 'node:crypto';
import type { MessageView } from '@bellhop/contracts/http';
import type { Actor } from '@bellhop/contracts/persons';
import { Problem } from '@bellhop/service';
import type { EntityManager } from 'typeorm';
import { attach, type Files } from '../attachments/attach.js';
import { refuseFullConversation } from './conversation.js';
import { TicketRuleError } from './ticket.errors.js';
import { type Change, type Command, decide, type Ticket } from './ticket.js';
import { takeTicket } from './ticket-access.js';
import type { Action, Viewer } from './ticket-policy.js';
import {
  emit,
  messageOf,
  occasionOf,
  type StoredTicket,
  saveHistory,
  saveTicket,
  type Writing,
} from './ticket-store.js';
import { messageView } from './ticket-views.js';

/** Distributes over the union, which a plain Omit would melt into one shape. */
type Unsigned<C> = C extends Command ? Omit<C, 'by' | 'messageId'> : never;

/** What somebody wants of a ticket, as a route understood it. */
export interface Wish {
  readonly ticketId: string;
  readonly viewer: Viewer;
  /** What the viewer must be allowed to do. */
  readonly action: Action;
  readonly as: 'customer' | 'agent';
  readonly command: Unsigned<Command>;
  readonly text?: Text | undefined;
}

interface Text extends Omit<Writing, 'id'> {
  readonly files?: Files | undefined;
}

export interface Fulfilled {
  readonly stored: StoredTicket;
  /** What was written, if something was. */
  readonly message: MessageView | null;
}

/**
 * The one way in which a ticket changes: look who asks, lock, ask the rules, write down, append the events; all in
 * the caller's transaction.
 *
 * @throws Problem 404 `ticket_not_found`; 409 `conversation_full`; 409 or 422 with the code of the rule that refuses;
 *   404 or 422 for its files
 */
export async function changeTicket(manager: EntityManager, wish: Wish): Promise<Fulfilled> {
  const { viewer, action, ticketId } = wish;
  const { ticket, subject } = await takeTicket(manager, viewer, action, ticketId);
  const { text } = wish;
  const writing = text && { id: randomUUID(), kind: text.kind, body: text.body };
  // The clock is read behind the lock, so that times rise with versions.
  const change = decided(ticket, signed(wish, writing), new Date());
  if (writing) await refuseFullConversation(manager, ticketId);
  await saveTicket(manager, change);
  await saveHistory(manager, change, writing);
  const attachments =
    writing && text?.files ? await attach(manager, { ticketId, messageId: writing.id }, text.files) : [];
  await emit(manager, change, attachments.length > 0);
  const message = writing ? messageView(messageOf(change.ticket, occasionOf(change), writing), attachments) : null;
  return { stored: { ticket: change.ticket, subject }, message };
}

function signed({ command, viewer, as }: Wish, writing: Writing | undefined): Command {
  const by: Actor = viewer.kind === 'user' ? { kind: as, id: viewer.id } : { kind: as };
  return { ...command, by, ...(writing && { messageId: writing.id }) } as Command;
}

function decided(ticket: Ticket, command: Command, now: Date): Change {
  try {
    return decide(ticket, command, now);
  } catch (error) {
    if (!(error instanceof TicketRuleError)) throw error;
    const status = error.code === 'due_in_the_past' ? 422 : 409;
    throw new Problem(status, error.code, 'The ticket does not allow this', error.message, { cause: error });
  }
}
