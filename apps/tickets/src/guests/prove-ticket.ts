import type { EntityManager } from 'typeorm';
import { customerOf, decide } from '../tickets/ticket.js';
import { emit, lockTicket, saveHistory, saveTicket } from '../tickets/ticket-store.js';

/**
 * Opens a ticket whose requester has proven the address, in the caller's transaction, and publishes that. A ticket that is open
 * already, or gone, stays as it is: the event and the first session both call this, in any order.
 */
export async function proveTicket(manager: EntityManager, ticketId: string): Promise<void> {
  const stored = await lockTicket(manager, ticketId);
  if (!stored) return;
  const command = { type: 'prove', by: customerOf(stored.ticket) } as const;
  const change = decide(stored.ticket, command, new Date());
  await saveTicket(manager, change);
  await saveHistory(manager, change);
  await emit(manager, change);
}
