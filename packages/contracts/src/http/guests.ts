import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { typedEmailAddress } from '../persons/email-address.js';
import { linkToken, oneTimeCode } from '../rpc/rpcs.js';
import { problem } from './problem.js';
import { typedUuid } from './typed-uuid.js';

/**
 * `POST /guest/challenges`. 202 with a challenge; or 200 with a `verificationResponse` when this browser's session has proven the
 * address of the link already, and the ticket stands open. An unknown or dead link: 404. Over budget: 429.
 */
export const openChallengeRequest = z.object({ link: linkToken });

export const openChallengeResponse = z.object({
  challengeId: z.uuid(),
  /** Masked, such as `j***@e***`. */
  sentTo: z.string(),
  expiresAt: timestamp,
});

/** `POST /guest/challenges/:id/verification`. */
export const verificationRequest = z.object({
  code: z.preprocess((typed) => (typeof typed === 'string' ? digitsOf(typed) : typed), oneTimeCode),
});

/**
 * A code as people type and paste it: with the digits of their keyboard (`１２３`, `٣٤`), and with what is copied along: spaces, dashes,
 * quotes, invisible characters. Letters stay, so that `12E456` is none.
 */
function digitsOf(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/\p{Nd}/gu, (digit) => String(numberOf(digit)));
}

/** The ten digits of a script stand side by side, from zero to nine (Unicode, §4.6); now and then two scripts do. */
function numberOf(digit: string): number {
  const at = digit.codePointAt(0) as number;
  let first = at;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (at - first) % 10;
}

/**
 * 200, together with the session cookie. Sent again with the same `Idempotency-Key`, the right code is answered again, with a new
 * cookie: the first answer may have been lost.
 */
export const verificationResponse = z.object({ ticketId: z.uuid() });

/** 422 `wrong_code`. A burned or expired code, and another browser: 410. */
export const wrongCodeProblem = problem.extend({ triesLeft: z.int().nonnegative() });

/** `POST /guest/links`: 202 whatever is true, so that nobody learns which tickets and addresses exist. */
export const requestLinkRequest = z.object({
  number: z.preprocess((typed) => (typeof typed === 'string' ? bare(typed) : typed), ticketNumber),
  email: typedEmailAddress,
});

/** A number as mails show it and people copy it: `#G4XS1R`, with blanks around it and what cannot be seen in it. */
function bare(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
    .trim()
    .replace(/^#\s*/, '');
}

/**
 * `POST /ops/guest-links/revocations`, for operators: no link of this ticket works any more, nor does a session that was opened
 * with one; with an address only those of this address. Links of later alerts do work.
 */
export const revokeLinksRequest = z.object({ ticketId: typedUuid, email: typedEmailAddress.optional() });

/** 200. How many links that still worked, and how many open sessions, no longer lead to the ticket. */
export const revokeLinksResponse = z.object({ links: z.int().nonnegative(), sessions: z.int().nonnegative() });

export type OpenChallengeResponse = z.infer<typeof openChallengeResponse>;
export type VerificationRequest = z.infer<typeof verificationRequest>;
export type VerificationResponse = z.infer<typeof verificationResponse>;
export type RequestLinkRequest = z.infer<typeof requestLinkRequest>;
export type RevokeLinksRequest = z.infer<typeof revokeLinksRequest>;
export type RevokeLinksResponse = z.infer<typeof revokeLinksResponse>;
