import { randomUUID } from 'node:crypto';
import type { MessageView } from '@bellhop/contracts/http';
import type { Actor } from '@bellhop/contracts/persons';
import { Problem } from '@bellhop/http';
import type { EntityManager } from 'typeorm';
import { attach, type Files } from '../attachments/attach.js';
import type { Viewer } from '../people/viewer.js';
import { refuseFullConversation } from './conversation.js';
import { TicketRuleError } from './ticket.errors.js';
import { type Change, type Command, decide, type Ticket } from './ticket.js';
import { takeTicket } from './ticket-access.js';
import type { Action } from './ticket-policy.js';
import {
  emit,
  type MessageDraft,
  messageFactOf,
  messageOf,
  type StoredTicket,
  saveHistory,
  saveTicket,
} from './ticket-store.js';
import { messageView } from './ticket-views.js';

/** Distributes over the union, which a plain Omit would merge into one shape. */
type Unsigned<C> = C extends Command ? Omit<C, 'by' | 'messageId'> : never;

/** A request to change a ticket, as a route understood it. */
export interface TicketCommand {
  readonly ticketId: string;
  readonly viewer: Viewer;
  /** The right that the viewer needs. */
  readonly action: Action;
  readonly as: 'customer' | 'agent';
  readonly command: Unsigned<Command>;
  readonly text?: Text | undefined;
}

interface Text extends Omit<MessageDraft, 'id'> {
  readonly files?: Files | undefined;
}

export interface ChangedTicket {
  readonly stored: StoredTicket;
  /** What was written, if something was. */
  readonly message: MessageView | null;
}

/**
 * The one way in which a ticket changes: check the viewer's rights, lock the row, apply the rules, save, append the events; all
 * in the caller's transaction.
 *
 * @throws Problem 404 `ticket_not_found`; 409 `conversation_full`; 409 or 422 with the code of the rule that refuses;
 *   404 or 422 for its files
 */
export async function changeTicket(manager: EntityManager, request: TicketCommand): Promise<ChangedTicket> {
  const { viewer, action, ticketId, text } = request;
  const { ticket, subject } = await takeTicket(manager, viewer, action, ticketId);
  const draft = text && { id: randomUUID(), kind: text.kind, body: text.body };
  // The clock is read under the lock, so that times increase with versions.
  const change = decided(ticket, signed(request, draft), new Date());
  if (draft) await refuseFullConversation(manager, ticketId);
  await saveTicket(manager, change);
  await saveHistory(manager, change, draft);
  const attachments = draft && text?.files ? await attach(manager, { ticketId, messageId: draft.id }, text.files) : [];
  await emit(manager, change, attachments.length > 0);
  const message = draft ? messageView(messageOf(change.ticket, messageFactOf(change), draft), attachments) : null;
  return { stored: { ticket: change.ticket, subject }, message };
}

function signed({ command, viewer, as }: TicketCommand, draft: MessageDraft | undefined): Command {
  const by: Actor = viewer.kind === 'user' ? { kind: as, id: viewer.id } : { kind: as };
  return { ...command, by, ...(draft && { messageId: draft.id }) } as Command;
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
