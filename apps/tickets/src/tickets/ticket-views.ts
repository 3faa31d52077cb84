import type { AttachmentView, DeskTicketView, MessageView, TicketView, TimelineEntry } from '@bellhop/contracts/http';
import type { MessageEntity } from './message.entity.js';
import type { Ticket } from './ticket.js';
import type { StoredTicket } from './ticket-store.js';
import type { TimelineEntryEntity } from './timeline-entry.entity.js';

/** What the requester sees of a ticket. */
type ShownTicket = Omit<Ticket, 'requester' | 'assignee' | 'seenVersion'>;

/** What the requester sees: no note, no assignee, no agent's address. */
export function ticketView({ ticket, subject }: { ticket: ShownTicket; subject: string }): TicketView {
  const { id, number, status, category, priority, version, createdAt, updatedAt } = ticket;
  return {
    ...{ id, number, subject, status, category, priority, version },
    promise: null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function deskTicketView(stored: StoredTicket): DeskTicketView {
  const { requester, assignee } = stored.ticket;
  return {
    ...ticketView(stored),
    requester,
    assignee: assignee && { id: assignee.id, ...(assignee.email && { email: assignee.email }) },
  };
}

export function messageView(
  { id, author, kind, body, createdAt }: MessageEntity,
  attachments: AttachmentView[],
): MessageView {
  return { id, author, kind, body, attachments, createdAt: createdAt.toISOString() };
}

export function timelineView({ type, at, by }: TimelineEntryEntity): TimelineEntry {
  return { type, at: at.toISOString(), by };
}
