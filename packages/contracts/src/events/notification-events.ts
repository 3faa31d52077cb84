import { z } from 'zod';
import { CHANNELS } from '../constants/words.js';
import { identifier } from '../persons/persons.js';
import { stringOf, wordOf } from '../shape.js';
import { cloudEvent, type EventDefinition, eventId } from './envelope.js';
import { ticketNumber } from './ticket.js';

export const channel = wordOf(CHANNELS);

/** Never an address. */
const recipient = z
  .object({
    kind: wordOf(['user', 'guest', 'agent']).meta({ description: 'In which role.' }),
    id: identifier.optional().meta({ description: 'The account; absent for guests.' }),
  })
  .meta({ description: 'Whom it was for. Never an address.' });

const shape = <const T extends string>(type: T) =>
  cloudEvent(
    type,
    z.object({
      deliveryId: z
        .uuid({ error: 'must be a UUID' })
        .meta({ description: 'The delivery; the same in all events about it.' }),
      eventIds: z
        .array(eventId, { error: 'must be an array of event ids' })
        .min(1, 'must have at least one event id')
        .meta({ description: 'Ids of the events in the delivery, oldest first.' }),
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
        .meta({
          description: 'Why, as a stable word such as `seen`, `overtaken` or `address_refused`.',
          examples: ['overtaken'],
        }),
    }),
  );

const notified = 'No person. It stays in its stream for whoever the operator lets read it.';

export const notificationEvents = {
  'notification.accepted.v1': {
    shape: shape('notification.accepted.v1'),
    emittedWhen: 'a provider has taken a delivery from us',
    notified,
  },
  'notification.delivered.v1': {
    shape: shape('notification.delivered.v1'),
    emittedWhen: 'a delivery has reached the mailbox or device',
    notified,
  },
  'notification.bounced.v1': {
    shape: shape('notification.bounced.v1'),
    emittedWhen: 'a delivery came back after it had been accepted',
    notified,
  },
  'notification.complained.v1': {
    shape: shape('notification.complained.v1'),
    emittedWhen: 'the recipient has reported a delivery as unwanted',
    notified,
  },
  'notification.dead.v1': {
    shape: shape('notification.dead.v1'),
    emittedWhen: 'a delivery was given up: refused for good, or out of tries',
    notified,
  },
  'notification.skipped.v1': {
    shape: shape('notification.skipped.v1'),
    emittedWhen: 'a delivery was not sent on purpose; `reason` tells why',
    notified,
  },
} as const satisfies Record<string, EventDefinition>;

export type ChannelName = z.infer<typeof channel>;
