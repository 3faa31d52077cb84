import type { Ticket } from './ticket.js';

/** Who asks. Null: nobody is signed in. */
export interface Viewer {
  readonly id: string;
  readonly isAgent: boolean;
}

const OWN_ACTIONS = ['read', 'answer', 'close', 'reopen', 'see'] as const;
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
export type Action = (typeof OWN_ACTIONS)[number] | (typeof DESK_ACTIONS)[number];

/**
 * The one answer to "who may do what on which ticket". Own actions belong to the requester, also when the viewer is
 * an agent; desk actions belong to agents, on tickets whose requester is proven. Nobody else may do anything.
 */
export function may(viewer: Viewer | null, action: Action, ticket: Pick<Ticket, 'requester' | 'status'>): boolean {
  if (viewer === null) return false;
  if (isOwnAction(action)) return ticket.requester.id === viewer.id;
  return mayUseDesk(viewer) && ticket.status !== 'unverified';
}

/** Lists at the desk show every ticket, so they are for those who may open every ticket. */
export function mayUseDesk(viewer: Viewer): boolean {
  return viewer.isAgent;
}

function isOwnAction(action: Action): boolean {
  return (OWN_ACTIONS as readonly string[]).includes(action);
}
