import type { DeskTicketView, MessageView, TicketView } from '@bellhop/contracts/http';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import type { EntityManager } from 'typeorm';
import { readAttachments } from '../attachments/read-attachments.js';
import { PersonEntity } from '../people/person.entity.js';
import { changeTicket, type Wish } from './change-ticket.js';
import { MessageEntity } from './message.entity.js';
import { ticketNotFound } from './ticket-access.js';
import { findTicket } from './ticket-store.js';
import { deskTicketView, messageView } from './ticket-views.js';

/**
 * What is kept of an answer for the day on which it may be asked for again: ids and plain facts. Words and addresses stay
 * where they belong, are read there, and are gone for a repeated request, too, once they are gone there.
 */
interface KeptId {
  readonly id: string;
}
export type KeptTicket = Omit<TicketView, 'subject'> & { readonly assignee?: KeptId | null };

export function keptTicket({ subject: _, ...facts }: TicketView): KeptTicket {
  return facts;
}

export function keptDeskTicket({ requester: _, assignee, ...view }: DeskTicketView): KeptTicket {
  return { ...keptTicket(view), assignee: assignee && { id: assignee.id } };
}

/** The message as it was answered: nobody changes one. @throws Problem 404 `ticket_not_found` */
async function recallMessage(manager: EntityManager, { id }: KeptId): Promise<MessageView> {
  const message = await manager.findOneBy(MessageEntity, { id });
  if (!message) throw ticketNotFound();
  const attachments = await readAttachments(manager, message.ticketId);
  return messageView(message, attachments.get(id) ?? []);
}

/** The ticket as it was then. @throws Problem 404 `ticket_not_found` */
export async function recallTicket(manager: EntityManager, kept: KeptTicket): Promise<TicketView> {
  const stored = await findTicket(manager, kept.id);
  if (!stored) throw ticketNotFound();
  return { ...kept, subject: stored.subject };
}

/** The same, as the desk sees it. @throws Problem 404 `ticket_not_found` */
export async function recallDeskTicket(
  manager: EntityManager,
  { assignee, ...kept }: KeptTicket,
): Promise<DeskTicketView> {
  const stored = await findTicket(manager, kept.id);
  if (!stored) throw ticketNotFound();
  const agent = assignee && (await manager.findOneBy(PersonEntity, { id: assignee.id }));
  return {
    ...deskTicketView(stored),
    ...kept,
    assignee: assignee ? { id: assignee.id, ...(agent?.email && { email: agent.email }) } : null,
  };
}

/** Changes a ticket, and answers with what was written. @param before runs if it is not a repetition */
export function answerWithMessage(
  manager: EntityManager,
  wish: Wish,
  once: IdempotentRequest | null,
  before?: () => Promise<void>,
): Promise<Answer> {
  const write = async () => {
    await before?.();
    const { message } = await changeTicket(manager, wish);
    return { status: 201, body: message, ...(message && { kept: { id: message.id } }) };
  };
  return idempotent(manager, once, write, (kept: KeptId) => recallMessage(manager, kept));
}
