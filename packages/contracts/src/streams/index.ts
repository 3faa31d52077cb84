/** What the broker holds: our services, their streams and consumers, and dead letters. */
export { DEAD_LETTER_HEADERS, DEAD_LETTER_REASONS, type DeadLetterReason, deadLetterSubject } from './dead-letters.js';
export { FEED_HINTS_SUBJECT, type FeedHintsMessage, feedHints } from './feed-hints.js';
export { type AppName, PORTAL, SERVICES, type ServiceName, services } from './services.js';
export {
  consumerName,
  isInbound,
  type StreamDefinition,
  type StreamName,
  streams,
  streamsReadBy,
} from './streams.js';
export { TICKET_HINTS_SUBJECT, type TicketHintsMessage, ticketHints } from './ticket-hints.js';
