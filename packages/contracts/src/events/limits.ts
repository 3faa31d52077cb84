import type { TicketEventType } from './registry.js';

/** The largest event that is read, in bytes of its JSON as UTF-8. Larger ones become dead letters. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** What a dead letter keeps of an event that is larger than that. */
export const TRUNCATED_EVENT_BYTES = 64 * 1024;

/** How far ahead of our clock the `time` of a stranger's event may be. */
export const MAX_CLOCK_SKEW_MS = 10 * 60 * 1000;

/** For how long (system, event id) is remembered, longer than any stream or dead letter lives. */
export const DEDUPE_DAYS = 30;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/**
 * How long ago `time` may lie when the stream takes an event of another system, in milliseconds; null: as long as it likes, since it
 * tells nobody anything. Beyond it a mail would tell as news what everybody has known for days, or what is long over.
 */
export const MAX_EVENT_AGE_MS: Readonly<Record<TicketEventType, number | null>> = {
  'ticket.created.v1': 3 * DAY_MS,
  'ticket.replied.v1': 3 * DAY_MS,
  'ticket.information_requested.v1': 3 * DAY_MS,
  'ticket.resolved.v1': 3 * DAY_MS,
  'ticket.reopened.v1': 3 * DAY_MS,
  'ticket.closed.v1': null,
  'ticket.customer_replied.v1': 3 * DAY_MS,
  'ticket.assigned.v1': 3 * DAY_MS,
  'ticket.promise_changed.v1': null,
  'ticket.promise_at_risk.v1': 4 * HOUR_MS,
  'ticket.promise_missed.v1': 3 * DAY_MS,
  'ticket.seen.v1': null,
};
