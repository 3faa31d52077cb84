import { z } from 'zod';
import { typedEmailAddress } from '../email-address.js';
import { timestamp } from '../envelope.js';
import { linkToken, oneTimeCode } from '../rpc/rpc.js';
import { ticketNumber } from '../ticket.js';
import { problem } from './problem.js';

/** `POST /guest/challenges`, 202. An unknown or dead link: 404. */
export const openChallengeRequest = z.object({ link: linkToken });

export const openChallengeResponse = z.object({
  challengeId: z.uuid(),
  /** Masked, such as `j***@e***`. */
  sentTo: z.string(),
  expiresAt: timestamp,
});

/** `POST /guest/challenges/:id/verification`. Spaces inside are what people copy along. */
export const verificationRequest = z.object({
  code: z.preprocess((typed) => (typeof typed === 'string' ? typed.replace(/\s/g, '') : typed), oneTimeCode),
});

/** 200, together with the session cookie. */
export const verificationResponse = z.object({ ticketId: z.uuid() });

/** 422 `wrong_code`. A burned or expired code, and another browser: 410. */
export const wrongCodeProblem = problem.extend({ triesLeft: z.int().nonnegative() });

/** `POST /guest/links`: 202 whatever is true, so that nobody learns which tickets and addresses exist. */
export const requestLinkRequest = z.object({ number: ticketNumber, email: typedEmailAddress });

export type OpenChallengeRequest = z.infer<typeof openChallengeRequest>;
export type OpenChallengeResponse = z.infer<typeof openChallengeResponse>;
export type VerificationRequest = z.infer<typeof verificationRequest>;
export type VerificationResponse = z.infer<typeof verificationResponse>;
export type WrongCodeProblem = z.infer<typeof wrongCodeProblem>;
export type RequestLinkRequest = z.infer<typeof requestLinkRequest>;
