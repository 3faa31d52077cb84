import type { TicketEventType } from './registry.js';
import { ticketEvents } from './ticket-events.js';

/** The largest event that is read, in bytes of its JSON as UTF-8. Larger ones become dead letters. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** What a dead letter keeps of an event that is larger than that. */
export const TRUNCATED_EVENT_BYTES = 64 * 1024;

/** How far ahead of our clock the `time` of a stranger's event may be. */
export const MAX_CLOCK_SKEW_MS = 10 * 60 * 1000;

/** For how long (system, event id) is remembered, longer than any stream or dead letter lives. */
export const DEDUPE_DAYS = 30;

/** How old an event of another system may be when its stream takes it, in milliseconds; null: of any age. */
export const MAX_EVENT_AGE_MS = Object.fromEntries(
  Object.entries(ticketEvents).map(([type, { maxAgeMs }]) => [type, maxAgeMs]),
) as Readonly<Record<TicketEventType, number | null>>;
