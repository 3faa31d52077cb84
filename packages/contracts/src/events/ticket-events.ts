import { z } from 'zod';
import { actor, identifier, requester, user } from '../persons/persons.js';
import { cloudEvent, timestamp } from './envelope.js';
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

const ticketEvent = <const T extends string, S extends z.ZodRawShape>(type: T, extra: S) =>
  cloudEvent(type, z.object({ ...common, ...extra }));

export const ticketCreatedV1 = ticketEvent('ticket.created.v1', {});
export const ticketRepliedV1 = ticketEvent('ticket.replied.v1', { message });
export const ticketInformationRequestedV1 = ticketEvent('ticket.information_requested.v1', {
  message,
  dueAt: timestamp.optional().meta({ description: 'By when the answer is needed.' }),
});
export const ticketResolvedV1 = ticketEvent('ticket.resolved.v1', { message: message.optional() });
export const ticketReopenedV1 = ticketEvent('ticket.reopened.v1', {});
export const ticketClosedV1 = ticketEvent('ticket.closed.v1', {});
export const ticketCustomerRepliedV1 = ticketEvent('ticket.customer_replied.v1', { message });
export const ticketAssignedV1 = ticketEvent('ticket.assigned.v1', {});
export const ticketPromiseChangedV1 = ticketEvent('ticket.promise_changed.v1', { promise });
export const ticketPromiseAtRiskV1 = ticketEvent('ticket.promise_at_risk.v1', { promise });
export const ticketPromiseMissedV1 = ticketEvent('ticket.promise_missed.v1', { promise });
export const ticketSeenV1 = ticketEvent('ticket.seen.v1', {});
