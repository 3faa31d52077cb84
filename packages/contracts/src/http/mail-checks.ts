import { z } from 'zod';
import { MAIL_DOUBTS, MAIL_REFUSALS } from '../constants/words.js';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { wordOf } from '../shape.js';

/**
 * `POST /notifications/mail-checks`: is this mail from you? For everybody, also before they trust any link in it. The body is the mail as a
 * mail program saves it (`message/rfc822`), or its header (`text/plain`). Nothing of it is stored. 413 above 256 KiB; 422 `not_a_mail`;
 * 429 `too_many_checks`.
 */
export const mailCheckResponse = z.object({
  verdict: z.enum(['ours', 'not_ours', 'cannot_tell']),
  /** Null of a mail that is ours. */
  reason: wordOf([...MAIL_REFUSALS, ...MAIL_DOUBTS]).nullable(),
  /** One sentence: what to do now. */
  advice: z.string(),
  /** Only of a mail that is ours: what is in it anyway, for whoever compares. */
  mail: z
    .object({
      ticketNumber,
      /** Masked: `j***@e***`. */
      sentTo: z.string(),
      sentAt: timestamp,
    })
    .nullable(),
});

export type MailCheckResponse = z.infer<typeof mailCheckResponse>;
export type MailCheckReason = NonNullable<MailCheckResponse['reason']>;
