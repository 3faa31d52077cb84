import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { wordOf } from '../shape.js';

/** Why a mail is not called ours. Stable: the pages have the words for them. */
const mailCheckReason = wordOf([
  // `not_ours`
  /** It comes from another domain. */
  'other_sender',
  /** A header that must be there once is missing, or there twice. */
  'malformed',
  /** We have sent no such mail: not from this address, under this id, to this recipient, about this ticket. */
  'not_in_record',
  /** All our mails are signed, and it is not. */
  'not_signed',
  // `cannot_tell`
  /** Signed by our domain, and not among what we remember. */
  'signed_not_in_record',
  /** Older than what we remember. */
  'too_old',
  /** Its signature does not fit, or leaves out a field that matters: it was changed on the way, or made up, or its signer signs too little. */
  'signature_broken',
  /** The key for its signature could not be looked up now. */
  'dns_unavailable',
  /** Only its header was sent: what is in the mail may be anything. */
  'body_missing',
  /** Our mails are not known to be signed (`MAIL_DKIM_DOMAIN`). Whoever has seen a mail of ours can copy all of it. */
  'signature_not_configured',
]);

/**
 * `POST /notifications/mail-checks`: is this mail from you? For everybody, also before they trust any link in it. The body is the mail as a
 * mail program saves it (`message/rfc822`), or its header (`text/plain`). Nothing of it is stored. 413 above 256 KiB; 422 `not_a_mail`;
 * 429 `too_many_checks`.
 */
export const mailCheckResponse = z.object({
  verdict: z.enum(['ours', 'not_ours', 'cannot_tell']),
  /** Null of a mail that is ours. */
  reason: mailCheckReason.nullable(),
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

export type MailCheckReason = z.infer<typeof mailCheckReason>;
export type MailCheckResponse = z.infer<typeof mailCheckResponse>;
