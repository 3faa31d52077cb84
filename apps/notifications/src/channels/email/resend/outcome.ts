import type { ErrorResponse } from 'resend';
import type { Outcome } from '../../channel.js';
import { type NoAnswerFault, parseRetryAfter } from '../../http.js';
import { LONGEST_PAUSE_MS } from '../limits/request-limit.js';
import { redact } from '../reply.js';
import { isResends, parseTaken, type SendResponse } from './answer.js';
import { recipientOf } from './mail.js';

/** How long to wait after a 429 without `Retry-After`. */
const SLOW_DOWN_MS = 1_000;
/** A quota ends with the day, the month or a new contract: a quick retry does not help, and each one is a request. */
const QUOTA_MS = 600_000;

/** Errors of our set-up, which every mail would meet. Mails wait until an operator has mended it. */
const SETUP: Readonly<Partial<Record<ErrorResponse['name'] | 'invalid_to_address', string>>> = {
  missing_api_key: 'key_refused',
  invalid_api_key: 'key_refused',
  restricted_api_key: 'key_refused',
  invalid_access: 'key_refused',
  invalid_from_address: 'sender_refused',
  // "You can only send testing emails to your own email address": of a sender whose domain is not verified.
  invalid_to_address: 'sender_refused',
  invalid_region: 'setup_refused',
  invalid_idempotency_key: 'setup_refused',
  security_error: 'setup_refused',
  not_found: 'wrong_server',
  method_not_allowed: 'wrong_server',
};
const KEY = /\bapi key\b/i;
const SENDER = /\bdomain is not verified\b|[`'"]from[`'"] (?:field|address)|\btesting (?:emails?|domain)\b/i;
const INVALID_RECIPIENT = /\binvalid [`'"]to[`'"]/i;

/**
 * What an answer means for each mail of the request. It is about this attempt alone: after an earlier one without an answer,
 * "not sent" does not prove that the same mails were not taken then.
 *
 * Only an answer in Resend's own form is evidence. After anything else (a proxy's page, half a JSON, a redirect) it is unknown
 * whether the mails were taken, and repeating them under the same key is safe.
 * @param mails the frozen requests: answers often repeat the recipient, who is removed from the reason.
 * @param now to which a `Retry-After` that is a date refers
 */
export function outcomesOf(response: SendResponse, mails: readonly Buffer[], now: Date): Outcome[] {
  if (response.error === null) {
    const results = parseTaken(response.data, mails.length);
    if (!results) return mails.map(() => UNREADABLE);
    return results.map((result, index) =>
      'id' in result
        ? { kind: 'accepted', ref: result.id }
        : refused('validation_error', result.message, describe(mails.slice(index, index + 1))),
    );
  }
  const retryAfterMs = parseRetryAfter(response.headers?.['retry-after'], now);
  const outcome = ofAll(response.error, retryAfterMs, mails);
  return mails.map(() => outcome);
}

export function outcomeOfNoAnswer({ cause, hasLeft }: NoAnswerFault): Outcome {
  return hasLeft ? { kind: 'unknown', cause: `no_answer: ${cause}` } : { kind: 'not_sent', cause };
}

const UNREADABLE: Outcome = { kind: 'unknown', cause: 'unreadable_answer' };

function ofAll(error: ErrorResponse, retryAfterMs: number | undefined, mails: readonly Buffer[]): Outcome {
  const { name, message } = error;
  const status = error.statusCode ?? 0;
  const describeMails = describe(mails);
  const reason = (code: string) => describeMails(code, [status, name, message].filter(Boolean).join(' '));
  if (status >= 200 && status < 300) return UNREADABLE;
  if (name === 'daily_quota_exceeded' || name === 'monthly_quota_exceeded') {
    const waitMs = Math.max(retryAfterMs ?? 0, QUOTA_MS);
    return { kind: 'throttled', retryAfterMs: waitMs, reason: reason('quota_exceeded'), isForAll: true, isOurs: true };
  }
  // Whoever answers so, a proxy or Resend, has not let it through.
  if (status === 429) {
    return {
      kind: 'throttled',
      retryAfterMs: Math.min(retryAfterMs ?? SLOW_DOWN_MS, LONGEST_PAUSE_MS),
      reason: reason('rate_limited'),
      isForAll: true,
    };
  }
  if (status >= 500) return { kind: 'unknown', cause: reason('server_error') };
  if (!isResends(error) || status < 400) return { kind: 'unknown', cause: reason('unexpected_answer') };
  if (status === 409) return conflict(error, reason);
  const setup = setupFault(status, error);
  if (setup) return { kind: 'not_sent', cause: reason(setup), isOurs: true };
  if (![400, 413, 422].includes(status)) return { kind: 'unknown', cause: reason('unexpected_answer') };
  if (mails.length > 1) return { kind: 'not_sent', cause: reason('batch_refused'), isAlone: true };
  return refused(name, message, (code) => reason(code));
}

function conflict({ name }: ErrorResponse, reason: (code: string) => string): Outcome {
  // The same request is in flight at this moment; a repeat gets its answer.
  if (name === 'concurrent_idempotent_requests') return { kind: 'unknown', cause: reason('in_progress') };
  if (name !== 'invalid_idempotent_request') return { kind: 'unknown', cause: reason('unexpected_answer') };
  return { kind: 'refused', reason: reason('key_conflict'), suppress: false };
}

function setupFault(status: number, { name, message }: ErrorResponse): string | undefined {
  if (KEY.test(message)) return 'key_refused';
  if (SETUP[name]) return SETUP[name];
  if (isAboutSender(message)) return 'sender_refused';
  // A refusal of our account whose name we do not know.
  return status === 401 || status === 403 ? 'setup_refused' : undefined;
}

/** One mail that Resend refused. Its address is suppressed only when the message is clearly about the address. */
function refused(name: string, message: string, reason: (code: string, said: string) => string): Outcome {
  const said = `${name} ${message}`;
  if (isAboutSender(message)) return { kind: 'not_sent', cause: reason('sender_refused', said), isOurs: true };
  if (INVALID_RECIPIENT.test(message)) {
    // An address in a wrong form belongs to nobody; a rule of Resend's about domains says nothing about the mailbox.
    const suppress = !SENDER.test(message);
    return { kind: 'refused', reason: reason('recipient_refused', said), suppress };
  }
  return { kind: 'refused', reason: reason('message_refused', said), suppress: false };
}

function isAboutSender(message: string): boolean {
  // Some messages about a recipient advise what to write instead, in the words of those about a sender.
  return SENDER.test(message) && !INVALID_RECIPIENT.test(message);
}

/** `code: what Resend said`, in one short line without addresses and keys. */
function describe(mails: readonly Buffer[]): (code: string, said: string) => string {
  return (code, said) => {
    const withoutKeys = said.replace(/\bre_\w+/g, '<key>');
    return `${code}: ${mails.map(recipientOf).reduce(redact, withoutKeys)}`;
  };
}
