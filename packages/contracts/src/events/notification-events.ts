import { z } from 'zod';
import { cloudEvent } from '../envelope.js';
import { identifier } from '../persons.js';
import { ticketNumber } from '../ticket.js';

export const channel = z.enum(['email', 'push', 'feed']);

const notificationEvent = <const T extends string>(type: T) =>
  cloudEvent(
    type,
    z.object({
      deliveryId: z.uuid(),
      /** Ids of the events this delivery tells of, oldest first. */
      eventIds: z.array(z.string()).min(1),
      channel,
      ticket: z.object({ id: identifier, number: ticketNumber }),
      /** Never an address. */
      recipient: z.object({ kind: z.enum(['user', 'guest', 'agent']), id: identifier.optional() }),
      /** A stable code, for example `seen`, `overtaken` or `address_refused`. */
      reason: z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/)
        .max(64)
        .optional(),
    }),
  );

export const notificationAcceptedV1 = notificationEvent('notification.accepted.v1');
export const notificationDeliveredV1 = notificationEvent('notification.delivered.v1');
export const notificationBouncedV1 = notificationEvent('notification.bounced.v1');
export const notificationComplainedV1 = notificationEvent('notification.complained.v1');
export const notificationDeadV1 = notificationEvent('notification.dead.v1');
export const notificationSkippedV1 = notificationEvent('notification.skipped.v1');

export type Channel = z.infer<typeof channel>;
