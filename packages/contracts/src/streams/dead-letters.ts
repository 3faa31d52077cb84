import type { ServiceName } from './services.js';

/** Why an event was dead-lettered. The reason is the last token of the dead letter's subject and its `Bellhop-Reason`. */
export const DEAD_LETTER_REASONS = [
  'invalid_json',
  'invalid_event',
  'subject_mismatch',
  'too_large',
  'url_not_allowed',
  'clock_skew',
  'too_old',
  'id_reused',
  'handler_failed',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** What each reason tells the publisher. */
export const DEAD_LETTER_MEANINGS: Record<DeadLetterReason, string> = {
  invalid_json: 'The bytes are not one JSON value in UTF-8.',
  invalid_event: 'The JSON is not an event of this contract; the detail names the fields.',
  subject_mismatch: 'The subject is not the one that belongs to `type`.',
  too_large: 'More than 256 KiB. The dead letter carries the first 64 KiB.',
  url_not_allowed: '`data.ticket.url` is not below the address that is registered for the system.',
  clock_skew: '`time` is more than 10 minutes ahead of our clock.',
  too_old: 'When the stream stored the event, its `time` was older than the limit for its type.',
  id_reused: 'A different event with this `id` was accepted before.',
  handler_failed: 'The event is valid; handling it failed eight times while the database was healthy. A bug of ours.',
};

/** Headers of a dead letter, whose body is the original one, byte for byte. */
export const DEAD_LETTER_HEADERS = {
  reason: 'Bellhop-Reason',
  detail: 'Bellhop-Detail',
  stream: 'Bellhop-Stream',
  sequence: 'Bellhop-Sequence',
  subject: 'Bellhop-Subject',
  time: 'Bellhop-Time',
  truncated: 'Bellhop-Truncated',
} as const;

/** Where a service puts the dead letters of a system: `dead_letters.notifications.crm.invalid_json`. */
export function deadLetterSubject(service: ServiceName, system: string, reason: DeadLetterReason): string {
  return `dead_letters.${service}.${system}.${reason}`;
}
