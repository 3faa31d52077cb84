import type { DeskTicketView, MessageView, TicketView } from '@bellhop/contracts/http';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import type { EntityManager } from 'typeorm';
import { readAttachments } from '../attachments/read-attachments.js';
import { PersonEntity } from '../people/person.entity.js';
import { type ChangedTicket, changeTicket, type TicketCommand } from './change-ticket.js';
import { MessageEntity } from './message.entity.js';
import { ticketNotFound } from './ticket-access.js';
import { findTicket, type StoredTicket } from './ticket-store.js';
import { deskTicketView, messageView, ticketView } from './ticket-views.js';

/**
 * What is kept of an answer for repeated requests, which may come for a day: ids and plain facts. Texts and addresses are read from
 * their own tables, so that what was deleted there is gone from repeated answers, too.
 */
interface KeptId {
  readonly id: string;
}
type KeptTicket = Omit<TicketView, 'subject'> & { readonly assignee?: KeptId | null };

function keptTicket({ subject: _, ...facts }: TicketView): KeptTicket {
  return facts;
}

function keptDeskTicket({ requester: _, assignee, ...view }: DeskTicketView): KeptTicket {
  return { ...keptTicket(view), assignee: assignee && { id: assignee.id } };
}

/** The message as it was answered: messages never change. @throws Problem 404 `ticket_not_found` */
async function recallMessage(manager: EntityManager, { id }: KeptId): Promise<MessageView> {
  const message = await manager.findOneBy(MessageEntity, { id });
  if (!message) throw ticketNotFound();
  const attachments = await readAttachments(manager, [id]);
  return messageView(message, attachments.get(id) ?? []);
}

/** The ticket as it was answered. @throws Problem 404 `ticket_not_found` */
async function recallTicket(manager: EntityManager, kept: KeptTicket): Promise<TicketView> {
  const stored = await findTicket(manager, kept.id);
  if (!stored) throw ticketNotFound();
  return { ...kept, subject: stored.subject };
}

/** The same as the desk sees it. @throws Problem 404 `ticket_not_found` */
async function recallDeskTicket(manager: EntityManager, { assignee, ...kept }: KeptTicket): Promise<DeskTicketView> {
  const stored = await findTicket(manager, kept.id);
  if (!stored) throw ticketNotFound();
  const agent = assignee && (await manager.findOneBy(PersonEntity, { id: assignee.id }));
  return {
    ...deskTicketView(stored),
    ...kept,
    assignee: assignee ? { id: assignee.id, ...(agent?.email && { email: agent.email }) } : null,
  };
}

/** Changes a ticket and answers with the message. @param before runs unless the request is a repetition */
export function answerWithMessage(
  manager: EntityManager,
  command: TicketCommand,
  once: IdempotentRequest | null,
  before?: () => Promise<void>,
): Promise<Answer> {
  const write = async () => {
    await before?.();
    const { message } = await changeTicket(manager, command);
    return { status: 201, body: message, ...(message && { kept: { id: message.id } }) };
  };
  return idempotent(manager, once, write, (kept: KeptId) => recallMessage(manager, kept));
}

/** How requesters or agents see a ticket, what is kept of that answer, and how it is restored for a repeated request. */
interface Perspective<View> {
  readonly view: (stored: StoredTicket) => View;
  readonly kept: (view: View) => KeptTicket;
  readonly recall: (manager: EntityManager, kept: KeptTicket) => Promise<View>;
}

export const asRequester: Perspective<TicketView> = { view: ticketView, kept: keptTicket, recall: recallTicket };
export const atDesk: Perspective<DeskTicketView> = {
  view: deskTicketView,
  kept: keptDeskTicket,
  recall: recallDeskTicket,
};

/** Changes a ticket and answers with the ticket. */
export function answerWithTicket<View>(
  manager: EntityManager,
  { view, kept, recall }: Perspective<View>,
  once: IdempotentRequest | null,
  change: () => Promise<ChangedTicket>,
): Promise<Answer> {
  const write = async () => {
    const body = view((await change()).stored);
    return { status: 200, body, kept: kept(body) };
  };
  return idempotent(manager, once, write, (ticket: KeptTicket) => recall(manager, ticket));
}
