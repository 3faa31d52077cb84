import { z } from 'zod';
import { actor, identifier, requester, user } from '../persons/persons.js';
import { cloudEvent, type EventDefinition, timestamp } from './envelope.js';
import { promise, ticket } from './ticket.js';

const message = z
  .object({
    id: identifier.meta({ description: 'The message, in the system that publishes.' }),
    hasAttachments: z
      .boolean({ error: 'must be true or false, or be left out' })
      .optional()
      .meta({ description: 'Whether files came with it.' }),
  })
  .meta({ description: 'The public message, without its text.' });

/** What every `ticket.*` event says. `assignee` is the agent who has the ticket, where there is one. */
const common = {
  ticket,
  requester,
  actor,
  assignee: user.optional().meta({ description: 'The agent who has the ticket, where there is one.' }),
};

/** An event about a ticket: its shape, what the reference says about it, and for how long it is news. */
interface TicketEventDefinition extends EventDefinition {
  /**
   * How long ago `time` may lie when the stream takes an event of another system, in milliseconds; null: as long as it likes, since it
   * notifies nobody. Beyond it a mail would tell as news what everybody has known for days, or what is long over.
   */
  readonly maxAgeMs: number | null;
}

const HOUR_MS = 60 * 60 * 1000;
const NEWS_MS = 3 * 24 * HOUR_MS;

const shape = <const T extends string, S extends z.ZodRawShape>(type: T, extra: S) =>
  cloudEvent(type, z.object({ ...common, ...extra }));

export const ticketEvents = {
  'ticket.created.v1': {
    shape: shape('ticket.created.v1', {}),
    emittedWhen: 'a ticket was filed and the address of its requester is proven',
    notified: "The requester, at once: the receipt. For our own tickets also the agents' shared mailbox.",
    maxAgeMs: NEWS_MS,
  },
  'ticket.replied.v1': {
    shape: shape('ticket.replied.v1', { message }),
    emittedWhen: 'an agent has answered publicly',
    notified: 'The requester, after the digest window.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.information_requested.v1': {
    shape: shape('ticket.information_requested.v1', {
      message,
      dueAt: timestamp.optional().meta({ description: 'By when the answer is needed.' }),
    }),
    emittedWhen: 'an agent needs an answer of the requester to go on',
    notified: 'The requester, after the digest window.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.resolved.v1': {
    shape: shape('ticket.resolved.v1', { message: message.optional() }),
    emittedWhen: 'an agent has confirmed that the problem is solved',
    notified: 'The requester, at once, together with what was still waiting.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.reopened.v1': {
    shape: shape('ticket.reopened.v1', {}),
    emittedWhen: 'a resolved or closed ticket is open again',
    notified: 'The assignee.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.closed.v1': {
    shape: shape('ticket.closed.v1', {}),
    emittedWhen: 'a ticket was closed',
    notified: 'Nobody.',
    maxAgeMs: null,
  },
  'ticket.customer_replied.v1': {
    shape: shape('ticket.customer_replied.v1', { message }),
    emittedWhen: 'the requester has answered',
    notified: "The assignee; without one, for our own tickets, the agents' shared mailbox.",
    maxAgeMs: NEWS_MS,
  },
  'ticket.assigned.v1': {
    shape: shape('ticket.assigned.v1', {}),
    emittedWhen: 'a ticket was routed or handed over to an agent',
    notified: 'The assignee.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.promise_changed.v1': {
    shape: shape('ticket.promise_changed.v1', { promise }),
    emittedWhen: 'an answer time was promised or moved',
    notified: 'Nobody.',
    maxAgeMs: null,
  },
  'ticket.promise_at_risk.v1': {
    shape: shape('ticket.promise_at_risk.v1', { promise }),
    emittedWhen: 'a promised answer time comes near',
    notified: 'The assignee.',
    maxAgeMs: 4 * HOUR_MS,
  },
  'ticket.promise_missed.v1': {
    shape: shape('ticket.promise_missed.v1', { promise }),
    emittedWhen: 'a promised answer time has passed without an answer',
    notified: 'The assignee and the requester.',
    maxAgeMs: NEWS_MS,
  },
  'ticket.seen.v1': {
    shape: shape('ticket.seen.v1', {}),
    emittedWhen: 'the requester has the ticket open in front of them',
    notified: 'Nobody. What still waits about this ticket up to `ticket.version` is not sent any more.',
    maxAgeMs: null,
  },
} as const satisfies Record<string, TicketEventDefinition>;
