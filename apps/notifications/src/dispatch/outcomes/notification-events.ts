import { randomUUID } from 'node:crypto';
import type { EventOf, NotificationEventType } from '@bellhop/contracts/events';
import type { LeasedDelivery } from '../delivery.js';

/** The part of a delivery that events about it need. */
export type NotifiedDelivery = Pick<
  LeasedDelivery,
  'id' | 'channel' | 'ticketId' | 'ticketNumber' | 'recipientKind' | 'recipientId' | 'eventIds'
>;

/**
 * Events that tell other systems the outcome of a delivery: ids and a reason, never an address. A delivery of no event (a code or
 * a link that a guest requested) concerns no other system: there is no event about it.
 */
export function notificationEvents(
  type: NotificationEventType,
  delivery: NotifiedDelivery,
  now: Date,
  reason?: string,
): EventOf<NotificationEventType>[] {
  return delivery.eventIds.length === 0 ? [] : [notificationEvent(type, delivery, now, reason)];
}

function notificationEvent(
  type: NotificationEventType,
  delivery: NotifiedDelivery,
  now: Date,
  reason?: string,
): EventOf<NotificationEventType> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'urn:bellhop:notifications',
    type,
    subject: delivery.ticketId,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    data: {
      deliveryId: delivery.id,
      eventIds: [...delivery.eventIds],
      channel: delivery.channel,
      ticket: { id: delivery.ticketId, number: delivery.ticketNumber },
      recipient: { kind: delivery.recipientKind, ...(delivery.recipientId && { id: delivery.recipientId }) },
      ...(reason && { reason }),
    },
  } as EventOf<NotificationEventType>;
}
