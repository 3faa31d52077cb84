import type { EventType } from '../events/registry.js';

export interface Meaning {
  /** Ends the sentence "Emitted when …". */
  emittedWhen: string;
  /** Who hears of it unless they have chosen otherwise. */
  hears: string;
}

const DELIVERY_HEARS = 'No person. It stays in its stream for whoever the operator lets read it.';

/** What each event means, for the reference and for the JSON Schemas. */
export const meanings: Record<EventType, Meaning> = {
  'ticket.created.v1': {
    emittedWhen: 'a ticket was filed and the address of its requester is proven',
    hears: "The requester, at once: the receipt. For our own tickets also the agents' shared mailbox.",
  },
  'ticket.replied.v1': {
    emittedWhen: 'an agent has answered publicly',
    hears: 'The requester, after the quiet window.',
  },
  'ticket.information_requested.v1': {
    emittedWhen: 'an agent needs an answer of the requester to go on',
    hears: 'The requester, after the quiet window.',
  },
  'ticket.resolved.v1': {
    emittedWhen: 'an agent has confirmed that the problem is solved',
    hears: 'The requester, at once, together with what was still waiting.',
  },
  'ticket.reopened.v1': { emittedWhen: 'a resolved or closed ticket is open again', hears: 'The assignee.' },
  'ticket.closed.v1': { emittedWhen: 'a ticket was closed', hears: 'Nobody.' },
  'ticket.customer_replied.v1': {
    emittedWhen: 'the requester has answered',
    hears: "The assignee; without one, for our own tickets, the agents' shared mailbox.",
  },
  'ticket.assigned.v1': { emittedWhen: 'a ticket was routed or handed over to an agent', hears: 'The assignee.' },
  'ticket.promise_changed.v1': { emittedWhen: 'an answer time was promised or moved', hears: 'Nobody.' },
  'ticket.promise_at_risk.v1': { emittedWhen: 'a promised answer time comes near', hears: 'The assignee.' },
  'ticket.promise_missed.v1': {
    emittedWhen: 'a promised answer time has passed without an answer',
    hears: 'The assignee and the requester.',
  },
  'ticket.seen.v1': {
    emittedWhen: 'the requester has the ticket open in front of them',
    hears: 'Nobody. What still waits about this ticket up to `ticket.version` is not sent any more.',
  },
  'erasure.requested.v1': {
    emittedWhen: 'an operator has asked that a person be forgotten',
    hears: 'No person. Every service erases what it has of them.',
  },
  'guest.address_proven.v1': {
    emittedWhen: 'a guest has typed the right code, so the mailbox is theirs',
    hears: 'No person. The ticket that was filed with the address opens.',
  },
  'notification.accepted.v1': { emittedWhen: 'a provider has taken a delivery from us', hears: DELIVERY_HEARS },
  'notification.delivered.v1': { emittedWhen: 'a delivery has reached the mailbox or device', hears: DELIVERY_HEARS },
  'notification.bounced.v1': { emittedWhen: 'a delivery came back after it had been accepted', hears: DELIVERY_HEARS },
  'notification.complained.v1': {
    emittedWhen: 'the recipient has reported a delivery as unwanted',
    hears: DELIVERY_HEARS,
  },
  'notification.dead.v1': {
    emittedWhen: 'a delivery was given up: refused for good, or out of tries',
    hears: DELIVERY_HEARS,
  },
  'notification.skipped.v1': {
    emittedWhen: 'a delivery was not sent on purpose; `reason` tells why',
    hears: DELIVERY_HEARS,
  },
};
