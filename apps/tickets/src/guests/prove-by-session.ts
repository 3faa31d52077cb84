import type { DataSource } from 'typeorm';
import type { Viewer } from '../people/viewer.js';
import { isTicketId } from '../tickets/ticket-access.js';
import { may } from '../tickets/ticket-policy.js';
import { findTicket } from '../tickets/ticket-store.js';
import { proveTicket } from './prove-ticket.js';

/**
 * A session that has opened a ticket proves the address like the event does, which may come later: the page of a guest who has just
 * typed the code must not be empty.
 */
export async function proveBySession(dataSource: DataSource, viewer: Viewer, ticketId: string): Promise<void> {
  if (viewer.kind !== 'guest' || !isTicketId(ticketId)) return;
  const stored = await findTicket(dataSource.manager, ticketId);
  if (!stored || !may(viewer, 'prove', stored.ticket)) return;
  await dataSource.transaction((manager) => proveTicket(manager, ticketId));
}
