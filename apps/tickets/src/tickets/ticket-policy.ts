import { normaliseAddress } from '@bellhop/contracts/persons';
import type { GuestViewer, Viewer } from '../people/viewer.js';
import type { Ticket } from './ticket.js';

const GUEST_ACTIONS = ['read', 'answer', 'see'] as const;
const OWN_ACTIONS = [...GUEST_ACTIONS, 'close', 'reopen'] as const;
const DESK_ACTIONS = [
  'read_at_desk',
  'reply',
  'request_information',
  'resolve',
  'note',
  'assign',
  'close_at_desk',
  'reopen_at_desk',
] as const;

/** Everything that somebody can do with one ticket; each route names the one it needs. */
export type Action = 'prove' | (typeof OWN_ACTIONS)[number] | (typeof DESK_ACTIONS)[number];

export type Judged = Pick<Ticket, 'id' | 'requester' | 'status'>;

/**
 * The one answer to "who may do what on which ticket". Own actions belong to the requester, also when the viewer is
 * an agent; desk actions belong to agents, on tickets whose requester is proven. A guest may read, answer and see the
 * tickets that the session has opened, if they are theirs, and prove those that are not proven yet. Nobody else may do
 * anything.
 */
export function may(viewer: Viewer | null, action: Action, ticket: Judged): boolean {
  if (viewer === null) return false;
  if (viewer.kind === 'guest') return mayAsGuest(viewer, action, ticket);
  if (isOneOf(OWN_ACTIONS, action)) return ticket.requester.kind === 'user' && ticket.requester.id === viewer.id;
  return isOneOf(DESK_ACTIONS, action) && mayUseDesk(viewer) && ticket.status !== 'unverified';
}

function mayAsGuest({ email, ticketIds }: GuestViewer, action: Action, { id, requester, status }: Judged): boolean {
  const isTheirs = requester.kind === 'guest' && ticketIds.includes(id) && normaliseAddress(requester.email) === email;
  if (status === 'unverified') return isTheirs && action === 'prove';
  return isTheirs && isOneOf(GUEST_ACTIONS, action);
}

/** Lists at the desk show every ticket, so they are for those who may open every ticket. */
export function mayUseDesk(viewer: Viewer): boolean {
  return viewer.kind === 'user' && viewer.isAgent;
}

function isOneOf(actions: readonly Action[], action: Action): boolean {
  return actions.includes(action);
}
