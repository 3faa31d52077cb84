import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { channel } from '../events/notification-events.js';
import { ticketNumber } from '../events/ticket.js';
import { identifier } from '../persons/persons.js';
import { feedKind } from './feed.js';
import { page, pageQuery } from './lists.js';

/** What became of a message, in words for the person who was to get it. */
const sentOutcome = z.enum([
  /** Tried, and not taken yet: it is tried again, or its answer is awaited. */
  'waiting',
  /** Taken by the mail server of the provider, or by the push service of at least one device. */
  'sent',
  /** A mail: in the mailbox, as the provider reports. An entry: in the feed. */
  'delivered',
  /** The mail came back. */
  'bounced',
  /** Not sent, and it will not be: `reason` says why. */
  'not_sent',
  /** It may have arrived: nobody answered whether it was taken, and it is not repeated. */
  'unknown',
]);

/**
 * `GET /notifications/sent?cursor=&limit=&ticket=`: what was sent to the caller, newest first, for 30 days (codes: three). `ticket` is an id or
 * a number. To an account: what went to it over any channel, and what went to its address as a guest, if the token says that the address
 * is verified. To a guest: what went to the proven address about the tickets that the session has opened. Of our own tickets only. A message
 * is in the list from its first attempt on; one that another message told of instead is not.
 */
export const listSentQuery = pageQuery.extend({ ticket: identifier.optional() });

const sentMessageView = z.object({
  id: z.uuid(),
  /** `id` is null for a code, which names its ticket by number. */
  ticket: z.object({ id: identifier.nullable(), number: ticketNumber }),
  channel,
  /** What it told of: as in the feed, or a one-time `code`, or a `fresh_link` that was asked for. */
  kind: z.enum([...feedKind.options, 'code', 'fresh_link']),
  /** Its newest attempt; without one: when it was decided that there is none. */
  at: timestamp,
  outcome: sentOutcome,
  /** With `not_sent`: a stable word, such as `seen`, `address_suppressed`, `expired` or `refused`. */
  reason: z.string().nullable(),
  /** The address of a mail, masked: `j***@e***`. */
  sentTo: z.string().nullable(),
  /** Of a push: how many devices it was taken for. */
  devices: z.int().nonnegative().nullable(),
  /** How often an operator has sent it once more, on purpose. */
  copies: z.int().nonnegative(),
});
export const listSentResponse = page(sentMessageView);

export type ListSentQuery = z.infer<typeof listSentQuery>;
export type SentOutcome = z.infer<typeof sentOutcome>;
export type SentMessageView = z.infer<typeof sentMessageView>;
