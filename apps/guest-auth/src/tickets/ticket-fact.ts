import type { TicketEvent } from '@bellhop/contracts';

/** What an event tells of a guest's ticket, as far as links depend on it. */
export interface TicketFact {
  readonly ticketId: string;
  readonly number: string;
  readonly locale: string | null;
  readonly version: number;
  /** When the ticket was closed; null while it is not. */
  readonly closedAt: Date | null;
  /** Whether this very event closed it. Another one only tells that it is closed by then. */
  readonly isClosing: boolean;
}

/** Null for a ticket of somebody with an account, which has no links. */
export function ticketFactOf({ type, time, data }: TicketEvent): TicketFact | null {
  const { ticket, requester } = data;
  if (requester.kind !== 'guest') return null;
  return {
    ticketId: ticket.id,
    number: ticket.number,
    locale: requester.locale ?? null,
    version: ticket.version,
    closedAt: ticket.status === 'closed' ? new Date(time) : null,
    isClosing: type === 'ticket.closed.v1',
  };
}
