import type { TicketEvent } from '@bellhop/contracts';

/** An event that was let in: whose it is was read from its NATS subject, never from its content. */
export interface Fact {
  readonly system: string;
  readonly event: TicketEvent;
}

/** The key of a ticket across systems, for maps in memory. No part can hold a space. */
export function ticketKey(ticket: { system: string; ticketId: string }): string {
  return `${ticket.system} ${ticket.ticketId}`;
}
