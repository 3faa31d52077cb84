import type { z } from 'zod';
import { erasureEvents } from './erasure-events.js';
import { guestEvents } from './guest-events.js';
import { notificationEvents } from './notification-events.js';
import { ticketEvents } from './ticket-events.js';

/** All that the contract says of each event that crosses a process border, by its CloudEvents `type`. */
export const definitions = { ...ticketEvents, ...erasureEvents, ...guestEvents, ...notificationEvents };
type Definitions = typeof definitions;

/** The shape of each. */
export const events = Object.fromEntries(Object.entries(definitions).map(([type, { shape }]) => [type, shape])) as {
  readonly [T in keyof Definitions]: Definitions[T]['shape'];
};

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
