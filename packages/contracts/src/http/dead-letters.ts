import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { systemName } from '../persons/system.js';
import { DEAD_LETTER_REASONS } from '../streams/dead-letters.js';
import { decisionView } from './explanations.js';
import { cursor, page, pageQuery } from './lists.js';

const redriveNote = z.object({ at: timestamp, by: z.string(), isRepaired: z.boolean() });

/** A letter of `GET /ops/dead-letters?reason=&stream=`, newest first; a page may be short although there is a next one. */
const deadLetterView = z.object({
  sequence: z.int().positive(),
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: z.string(),
  /** Where the event came from. */
  subject: z.string(),
  stream: z.string(),
  streamSequence: z.int().positive(),
  /** Of the event as it came. */
  sizeBytes: z.int().nonnegative(),
  parkedAt: timestamp,
  /** Only its beginning is here: a redrive needs a repaired event. */
  isTruncated: z.boolean(),
  isRedriven: z.boolean(),
  redriven: redriveNote.nullable(),
});
const deadLetterFilter = {
  reason: z.enum(DEAD_LETTER_REASONS).optional(),
  stream: z
    .string()
    .regex(/^[A-Z0-9_]{1,32}$/, 'a stream is named in capitals, such as INBOUND')
    .optional(),
};
export const listDeadLettersQuery = pageQuery.extend(deadLetterFilter);
export const listDeadLettersResponse = page(deadLetterView);

/** `GET /ops/dead-letters/:sequence`, with its body: text if it is UTF-8, else base64. */
export const deadLetterDetailView = deadLetterView.extend({
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});

/** `POST /ops/dead-letters/:sequence/redrive`: the original bytes, or this event in their place. */
export const redriveRequest = z
  .object({ event: z.unknown().optional(), isDryRun: z.boolean().default(false) })
  .prefault({});
export const redriveResponse = z.object({
  sequence: z.int().positive(),
  system: systemName,
  eventId: z.string(),
  type: z.string(),
  isDryRun: z.boolean(),
  isRepaired: z.boolean(),
  /** The event was taken before, so that nothing follows from it now. */
  isDuplicate: z.boolean(),
  decisions: z.array(decisionView),
});

/** Letters looked at by one call. */
const MAX_REDRIVEN_AT_ONCE = 200;

/** `POST /ops/dead-letters/redrives`: oldest first; `cursor` of the answer goes into the next call. */
export const redrivesRequest = z.object({
  filter: z.object({ ...deadLetterFilter, system: systemName.optional() }),
  isDryRun: z.boolean().default(false),
  limit: z.int().min(1).max(MAX_REDRIVEN_AT_ONCE).default(MAX_REDRIVEN_AT_ONCE),
  cursor: cursor.optional(),
});
export const redrivesResponse = z.object({
  isDryRun: z.boolean(),
  /** Taken by this call; in a dry run: those that would be. */
  redriven: z.int().nonnegative(),
  /** Of these, how many were known already. */
  duplicates: z.int().nonnegative(),
  /** Still not usable, each with a sentence. */
  refused: z.array(z.object({ sequence: z.int().positive(), reason: z.string(), detail: z.string() })),
  /** Letters still to be looked at. */
  remaining: z.int().nonnegative(),
  cursor: cursor.nullable(),
});

export type ListDeadLettersQuery = z.infer<typeof listDeadLettersQuery>;
export type DeadLetterView = z.infer<typeof deadLetterView>;
export type DeadLetterDetailView = z.infer<typeof deadLetterDetailView>;
export type RedriveRequest = z.infer<typeof redriveRequest>;
export type RedriveResponse = z.infer<typeof redriveResponse>;
export type RedrivesRequest = z.infer<typeof redrivesRequest>;
export type RedrivesResponse = z.infer<typeof redrivesResponse>;
