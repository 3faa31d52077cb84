import type { TicketEvent } from '@bellhop/contracts/events';
import type { Fact, Ticket } from './ticket.js';

const SOURCE = 'urn:bellhop:tickets';

/** The event of a fact, as it is published: actor, ticket and type, no text of the conversation. */
export function ticketEvent(id: string, ticket: Ticket, fact: Fact, hasAttachments = false): TicketEvent {
  const { number, category, priority, requester, assignee } = ticket;
  return {
    specversion: '1.0',
    id,
    source: SOURCE,
    type: fact.type,
    subject: ticket.id,
    time: fact.at.toISOString(),
    datacontenttype: 'application/json',
    data: {
      ticket: { id: ticket.id, number, status: fact.status, category, priority, version: fact.version },
      requester,
      actor: fact.by,
      ...(assignee && { assignee }),
      ...(fact.messageId && { message: { id: fact.messageId, hasAttachments } }),
      ...(fact.dueAt && { dueAt: fact.dueAt.toISOString() }),
    },
  } as TicketEvent;
}
