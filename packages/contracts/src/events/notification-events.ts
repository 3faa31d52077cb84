import { z } from 'zod';
import { identifier } from '../persons/persons.js';
import { stringOf, wordOf } from '../shape.js';
import { cloudEvent, eventId } from './envelope.js';
import { ticketNumber } from './ticket.js';

export const channel = wordOf(['email', 'push', 'feed']);

/** Never an address. */
const recipient = z
  .object({
    kind: wordOf(['user', 'guest', 'agent']).meta({ description: 'In which role.' }),
    id: identifier.optional().meta({ description: 'The account; absent for guests.' }),
  })
  .meta({ description: 'Whom it was for. Never an address.' });

const notificationEvent = <const T extends string>(type: T) =>
  cloudEvent(
    type,
    z.object({
      deliveryId: z
        .uuid({ error: 'must be a UUID' })
        .meta({ description: 'The delivery; the same in all events about it.' }),
      eventIds: z
        .array(eventId, { error: 'must be an array of event ids' })
        .min(1, 'must have at least one event id')
        .meta({ description: 'Ids of the events that the delivery tells of, oldest first.' }),
      channel: channel.meta({ description: 'How it was sent.' }),
      ticket: z
        .object({
          id: identifier.meta({ description: 'The ticket, in the system that published it.' }),
          number: ticketNumber,
        })
        .meta({ description: 'The ticket that it is about.' }),
      recipient,
      reason: stringOf(/^[a-z][a-z0-9_]{0,63}$/, 'a word in snake case of up to 64 characters')
        .optional()
        .meta({ description: 'Why, as a stable word such as `seen`, `overtaken` or `address_refused`.' }),
    }),
  );

export const notificationAcceptedV1 = notificationEvent('notification.accepted.v1');
export const notificationDeliveredV1 = notificationEvent('notification.delivered.v1');
export const notificationBouncedV1 = notificationEvent('notification.bounced.v1');
export const notificationComplainedV1 = notificationEvent('notification.complained.v1');
export const notificationDeadV1 = notificationEvent('notification.dead.v1');
export const notificationSkippedV1 = notificationEvent('notification.skipped.v1');

export type ChannelName = z.infer<typeof channel>;
