/** Every event, how to read and write one, on which subject it travels, and its limits. All that a publisher needs. */
export { CATEGORIES, PRIORITIES, TICKET_STATUSES } from '../constants/words.js';
export { describeEventProblems } from './describe-problems.js';
export { eventId } from './envelope.js';
export { DEDUPE_DAYS, MAX_CLOCK_SKEW_MS, MAX_EVENT_AGE_MS, MAX_EVENT_BYTES, TRUNCATED_EVENT_BYTES } from './limits.js';
export type { ChannelName } from './notification-events.js';
export { parseOwnEvent } from './own-event.js';
export { readEvent } from './read-event.js';
export {
  type BellhopEvent,
  type EventOf,
  type EventType,
  events,
  isEventType,
  isTicketEventType,
  type NotificationEventType,
  type TicketEvent,
  type TicketEventType,
} from './registry.js';
export { inboundSubjectOf, parseSubject, publisherOf, subjectOf } from './subjects.js';
export { type Category, type Priority, type TicketStatus, ticketNumber } from './ticket.js';
