import { randomUUID } from 'node:crypto';
import { appendEvents } from '@bellhop/outbox';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { userOf } from '../people/person.js';
import { MessageEntity } from './message.entity.js';
import { TicketEntity } from './ticket.entity.js';
import type { Change, Fact, Ticket } from './ticket.js';
import { ticketEvent } from './ticket-event.js';
import { TimelineEntryEntity } from './timeline-entry.entity.js';

/** A ticket with the one text that belongs to it, which its rules have no use for. */
export interface StoredTicket {
  readonly ticket: Ticket;
  readonly subject: string;
}

/** What somebody wrote, waiting for the fact that it belongs to. */
export interface Writing {
  readonly id: string;
  readonly kind: MessageEntity['kind'];
  readonly body: string;
}

/** Every ticket comes with its people: nothing asks for them one by one. */
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

/** Locks the ticket until the transaction ends: of two commands at once, the second sees what the first one made. */
export async function lockTicket(manager: EntityManager, id: string): Promise<StoredTicket | null> {
  const query = selectTickets(manager).where('ticket.id = :id', { id });
  const row = await query.setLock('for_no_key_update', undefined, ['ticket']).getOne();
  return row && storedTicket(row);
}

export function storedTicket({ subject, ...row }: TicketEntity): StoredTicket {
  const { id, number, status, category, priority, version, seenVersion, createdAt, updatedAt } = row;
  const requester = userOf(row.requester);
  const assignee = row.assignee && userOf(row.assignee);
  const ticket = {
    ...{ id, number, status, category, priority, version, seenVersion, createdAt, updatedAt },
    requester,
    assignee,
  };
  return { ticket, subject };
}

/** Writes a change down: state, timeline, text and events, in the caller's transaction. */
export async function saveChange(manager: EntityManager, { ticket, facts }: Change, writing?: Writing): Promise<void> {
  if (facts.length === 0) return;
  const { status, version, seenVersion, updatedAt } = ticket;
  const assigneeId = ticket.assignee?.id ?? null;
  await manager.update(TicketEntity, ticket.id, { status, version, seenVersion, updatedAt, assigneeId });
  await saveFacts(manager, { ticket, facts }, writing);
}

/** The part of a change that is only ever added to. */
export async function saveFacts(manager: EntityManager, { ticket, facts }: Change, writing?: Writing): Promise<void> {
  const lasting = facts.filter((fact) => fact.type !== 'ticket.seen.v1');
  if (lasting.length > 0) {
    await manager.insert(
      TimelineEntryEntity,
      lasting.map((fact) => timelineEntry(ticket, fact)),
    );
  }
  // A text comes with the last fact: an answer to a resolved ticket reopens it first.
  const told = facts.at(-1);
  if (writing && told) await manager.insert(MessageEntity, messageOf(ticket, told, writing));
  await appendEvents(
    manager,
    facts.map((fact) => ticketEvent(randomUUID(), ticket, fact)),
  );
}

function timelineEntry(ticket: Ticket, { version, type, by, at }: Fact): TimelineEntryEntity {
  const name = type.split('.')[1] ?? type;
  return { ticketId: ticket.id, version, type: name, by: by.kind, byId: by.id ?? null, at };
}

export function messageOf(
  ticket: Ticket,
  { version, by, at, dueAt }: Fact,
  { id, kind, body }: Writing,
): MessageEntity {
  const author = by.kind === 'customer' ? 'customer' : 'agent';
  return {
    ...{ id, ticketId: ticket.id, version, kind, author, body },
    authorId: by.id ?? '',
    dueAt: dueAt ?? null,
    createdAt: at,
  };
}
