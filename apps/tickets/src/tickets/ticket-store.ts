import { randomUUID } from 'node:crypto';
import { appendEvents } from '@bellhop/outbox';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { personKey, requesterOf, userOf } from '../people/person.js';
import { MessageEntity } from './message.entity.js';
import { TicketEntity } from './ticket.entity.js';
import { type Change, customerOf, type Fact, type Ticket } from './ticket.js';
import { ticketChanges } from './ticket-changes.js';
import { ticketEvent } from './ticket-event.js';
import { TimelineEntryEntity } from './timeline-entry.entity.js';

/** A ticket with its subject, which its rules do not use. */
export interface StoredTicket {
  readonly ticket: Ticket;
  readonly subject: string;
}

/** A text before it is a message: that needs the fact that it belongs to. */
export interface MessageDraft {
  readonly id: string;
  readonly kind: MessageEntity['kind'];
  readonly body: string;
}

/** Every ticket is loaded with its people, in one query. */
export function selectTickets(manager: EntityManager): SelectQueryBuilder<TicketEntity> {
  return manager
    .createQueryBuilder(TicketEntity, 'ticket')
    .innerJoinAndSelect('ticket.requester', 'requester')
    .leftJoinAndSelect('ticket.assignee', 'assignee');
}

export async function findTicket(manager: EntityManager, id: string): Promise<StoredTicket | null> {
  const row = await selectTickets(manager).where('ticket.id = :id', { id }).getOne();
  return row && storedTicket(row);
}

/** Locks the ticket until the transaction ends: of two concurrent commands the second sees the result of the first. */
export async function lockTicket(manager: EntityManager, id: string): Promise<StoredTicket | null> {
  const query = selectTickets(manager).where('ticket.id = :id', { id });
  const row = await query.setLock('for_no_key_update', undefined, ['ticket']).getOne();
  return row && storedTicket(row);
}

export function storedTicket({ subject, ...row }: TicketEntity): StoredTicket {
  const { id, number, status, category, priority, version, seenVersion, createdAt, updatedAt } = row;
  const requester = requesterOf(row.requester, row);
  const assignee = row.assignee && userOf(row.assignee);
  const ticket = {
    ...{ id, number, status, category, priority, version, seenVersion, createdAt, updatedAt },
    requester,
    assignee,
  };
  return { ticket, subject };
}

/** The row of a ticket that was just filed. */
export function ticketRow({ ticket, subject }: StoredTicket) {
  const { requester, assignee, ...columns } = ticket;
  return {
    ...columns,
    subject,
    requesterId: personKey(requester),
    requesterLocale: requester.kind === 'guest' ? (requester.locale ?? null) : null,
    requesterAddress: requester.kind === 'guest' ? requester.email : null,
    assigneeId: assignee?.id ?? null,
  };
}

/** Updates the row of a ticket after a change. */
export async function saveTicket(manager: EntityManager, { ticket, facts }: Change): Promise<void> {
  if (facts.length === 0) return;
  const { status, version, seenVersion, updatedAt, assignee } = ticket;
  const assigneeId = assignee?.id ?? null;
  await manager.update(TicketEntity, ticket.id, { status, version, seenVersion, updatedAt, assigneeId });
}

/** Adds timeline entries and message of a change; they are never changed. */
export async function saveHistory(
  manager: EntityManager,
  { ticket, facts }: Change,
  draft?: MessageDraft,
): Promise<void> {
  const entries = facts.filter((fact) => fact.type !== 'ticket.seen.v1').map((fact) => timelineEntry(ticket, fact));
  if (entries.length > 0) await manager.insert(TimelineEntryEntity, entries);
  if (draft) await manager.insert(MessageEntity, messageOf(ticket, messageFactOf({ ticket, facts }), draft));
}

/** Appends the events of a change to the outbox; they are published after the commit, and open pages are told that the ticket has changed. */
export async function emit(manager: EntityManager, { ticket, facts }: Change, hasAttachments = false): Promise<void> {
  await appendEvents(
    manager,
    facts.map((fact) => ticketEvent(randomUUID(), ticket, fact, hasAttachments)),
  );
  // What was seen changes nothing on a page.
  if (facts.some(({ type }) => type !== 'ticket.seen.v1')) ticketChanges.note(manager, ticket);
}

function timelineEntry(ticket: Ticket, { version, type, by, at }: Fact): TimelineEntryEntity {
  const name = type.split('.')[1] ?? type;
  return { ticketId: ticket.id, version, type: name, by: by.kind, byId: by.id ?? null, at };
}

/** What a message takes from the fact that it belongs to. */
type MessageFact = Pick<Fact, 'version' | 'by' | 'at' | 'dueAt'>;

/**
 * A text belongs to the last fact: an answer to a resolved ticket reopens it first. Only the first text of a ticket that
 * is not proven yet has no fact to be published.
 */
export function messageFactOf({ ticket, facts }: Change): MessageFact {
  return facts.at(-1) ?? { version: ticket.version, by: customerOf(ticket), at: ticket.updatedAt };
}

export function messageOf(
  ticket: Ticket,
  { version, by, at, dueAt }: MessageFact,
  { id, kind, body }: MessageDraft,
): MessageEntity {
  const author = by.kind === 'customer' ? 'customer' : 'agent';
  return {
    ...{ id, ticketId: ticket.id, version, kind, author, body },
    authorId: author === 'customer' ? personKey(ticket.requester) : (by.id ?? ''),
    dueAt: dueAt ?? null,
    createdAt: at,
  };
}
