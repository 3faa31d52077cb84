import type { z } from 'zod';
import * as erasures from './erasure-events.js';
import * as guests from './guest-events.js';
import * as notifications from './notification-events.js';
import * as tickets from './ticket-events.js';

/** Every event that crosses a process border, by its CloudEvents `type`. */
export const events = {
  'ticket.created.v1': tickets.ticketCreatedV1,
  'ticket.replied.v1': tickets.ticketRepliedV1,
  'ticket.information_requested.v1': tickets.ticketInformationRequestedV1,
  'ticket.resolved.v1': tickets.ticketResolvedV1,
  'ticket.reopened.v1': tickets.ticketReopenedV1,
  'ticket.closed.v1': tickets.ticketClosedV1,
  'ticket.customer_replied.v1': tickets.ticketCustomerRepliedV1,
  'ticket.assigned.v1': tickets.ticketAssignedV1,
  'ticket.promise_changed.v1': tickets.ticketPromiseChangedV1,
  'ticket.promise_at_risk.v1': tickets.ticketPromiseAtRiskV1,
  'ticket.promise_missed.v1': tickets.ticketPromiseMissedV1,
  'ticket.seen.v1': tickets.ticketSeenV1,
  'erasure.requested.v1': erasures.erasureRequestedV1,
  'guest.address_proven.v1': guests.guestAddressProvenV1,
  'notification.accepted.v1': notifications.notificationAcceptedV1,
  'notification.delivered.v1': notifications.notificationDeliveredV1,
  'notification.bounced.v1': notifications.notificationBouncedV1,
  'notification.complained.v1': notifications.notificationComplainedV1,
  'notification.dead.v1': notifications.notificationDeadV1,
  'notification.skipped.v1': notifications.notificationSkippedV1,
} as const;

export type EventType = keyof typeof events;
export type EventOf<T extends EventType> = z.infer<(typeof events)[T]>;
export type BellhopEvent = { [T in EventType]: EventOf<T> }[EventType];
export type TicketEventType = Extract<EventType, `ticket.${string}`>;
export type TicketEvent = { [T in TicketEventType]: EventOf<T> }[TicketEventType];
export type NotificationEventType = Extract<EventType, `notification.${string}`>;

export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(events, type);
}

export function isTicketEventType(type: unknown): type is TicketEventType {
  return isEventType(type) && type.startsWith('ticket.');
}
