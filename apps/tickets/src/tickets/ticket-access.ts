import { Problem } from '@bellhop/http';
import type { EntityManager } from 'typeorm';
import type { Viewer } from '../people/viewer.js';
import { type Action, may } from './ticket-policy.js';
import { findTicket, lockTicket, type StoredTicket } from './ticket-store.js';

/** The only accepted form of an id; anything else is not found and never reaches the database. */
const TICKET_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isTicketId(text: string): boolean {
  return TICKET_ID.test(text);
}

type Look = (manager: EntityManager, id: string) => Promise<StoredTicket | null>;

/** @throws Problem 404 `ticket_not_found`, the same whether there is no such ticket or it is not for this viewer */
export function openTicket(manager: EntityManager, viewer: Viewer, action: Action, id: string): Promise<StoredTicket> {
  return allowed(findTicket, manager, viewer, action, id);
}

/**
 * The same, for a change: the ticket is locked until the transaction ends.
 *
 * @throws Problem 404 `ticket_not_found`
 */
export function takeTicket(manager: EntityManager, viewer: Viewer, action: Action, id: string): Promise<StoredTicket> {
  return allowed(lockTicket, manager, viewer, action, id);
}

async function allowed(look: Look, manager: EntityManager, viewer: Viewer, action: Action, id: string) {
  const stored = isTicketId(id) ? await look(manager, id) : null;
  if (stored && may(viewer, action, stored.ticket)) return stored;
  throw ticketNotFound();
}

export function ticketNotFound(): Problem {
  return new Problem(404, 'ticket_not_found', 'No such ticket', 'There is no ticket with this id that you may open.');
}
