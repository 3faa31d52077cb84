import type { ErrorResponse } from 'resend';
import type { Outcome } from '../../channel.js';
import { redact } from '../reply.js';
import { isResends, parseRetryAfter, parseTaken, type SendResponse } from './answer.js';
import type { NoAnswerFault } from './http.js';
import { recipientOf } from './mail.js';

/** What Resend asks of one who comes too often, where it does not say. */
const SLOW_DOWN_MS = 1_000;
/** A quota ends with the day, the month or a new contract: a quick retry cures nothing, and each look is a request. */
const QUOTA_MS = 600_000;

/** Errors that no other mail would fare better with: our set-up. Nothing is lost by waiting for a person to mend it. */
const SETUP: Readonly<Record<string, string>> = {
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
 * What an answer means for each mail of the request. It speaks of this attempt alone: after an earlier one without an
 * answer, "not sent" is no proof that the same mails were not taken then.
 *
 * Only an answer in Resend's own form is evidence. Whatever else comes back (a proxy's page, half a JSON, a redirect) leaves it
 * open whether the mails were taken, and repeating them under the same key is safe.
 * @param mails the frozen requests: providers like to repeat the recipient, who is cut out of what is told.
 * @param now to which a `Retry-After` that is a date refers
 */
export function outcomesOf(response: SendResponse, mails: readonly Buffer[], now: Date): Outcome[] {
  if (response.error === null) {
    const results = parseTaken(response.data, mails.length);
    if (!results) return mails.map(() => UNREADABLE);
    return results.map((result, index) =>
      'id' in result
        ? { kind: 'accepted', ref: result.id }
        : refused('validation_error', result.message, say(mails.slice(index, index + 1))),
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
  const told = say(mails);
  const tell = (code: string) => told(code, [status, name, message].filter(Boolean).join(' '));
  if (status >= 200 && status < 300) return UNREADABLE;
  if (name === 'daily_quota_exceeded' || name === 'monthly_quota_exceeded') {
    const waitMs = Math.max(retryAfterMs ?? 0, QUOTA_MS);
    return { kind: 'throttled', retryAfterMs: waitMs, reason: tell('quota_exceeded'), isForAll: true, isOurs: true };
  }
  // Whoever says it, on the way or at the end, has not let it through.
  if (status === 429) {
    return {
      kind: 'throttled',
      retryAfterMs: retryAfterMs ?? SLOW_DOWN_MS,
      reason: tell('rate_limited'),
      isForAll: true,
    };
  }
  if (status >= 500) return { kind: 'unknown', cause: tell('server_error') };
  if (!isResends(error) || status < 400) return { kind: 'unknown', cause: tell('unexpected_answer') };
  if (status === 409) return conflict(error, tell);
  const setup = setupFault(status, error);
  if (setup) return { kind: 'not_sent', cause: tell(setup), isOurs: true };
  if (![400, 413, 422].includes(status)) return { kind: 'unknown', cause: tell('unexpected_answer') };
  if (mails.length > 1) return { kind: 'not_sent', cause: tell('batch_refused'), isAlone: true };
  return refused(name, message, (code) => tell(code));
}

function conflict({ name }: ErrorResponse, tell: (code: string) => string): Outcome {
  // Somebody sends the very same at this moment; how that ends is told to whoever asks again.
  if (name === 'concurrent_idempotent_requests') return { kind: 'unknown', cause: tell('in_progress') };
  if (name !== 'invalid_idempotent_request') return { kind: 'unknown', cause: tell('unexpected_answer') };
  return { kind: 'refused', reason: tell('key_conflict'), suppress: false };
}

function setupFault(status: number, { name, message }: ErrorResponse): string | undefined {
  if (KEY.test(message)) return 'key_refused';
  if (SETUP[name]) return SETUP[name];
  if (isAboutSender(message)) return 'sender_refused';
  // A refusal of us that has no name yet.
  return status === 401 || status === 403 ? 'setup_refused' : undefined;
}

/** One mail that was looked at and refused. Only when it is clearly about the address is the address given up. */
function refused(name: string, message: string, tell: (code: string, said: string) => string): Outcome {
  const said = `${name} ${message}`;
  if (isAboutSender(message)) return { kind: 'not_sent', cause: tell('sender_refused', said), isOurs: true };
  if (INVALID_RECIPIENT.test(message)) {
    // An address of a wrong form is nobody's; a rule of Resend's about domains says nothing of the mailbox.
    const suppress = !SENDER.test(message);
    return { kind: 'refused', reason: tell('recipient_refused', said), suppress };
  }
  return { kind: 'refused', reason: tell('message_refused', said), suppress: false };
}

function isAboutSender(message: string): boolean {
  // Some complaints about a recipient advise what to write instead, in the words of the others.
  return SENDER.test(message) && !INVALID_RECIPIENT.test(message);
}

/** `code: what was said`, one short line without addresses and keys. */
function say(mails: readonly Buffer[]): (code: string, said: string) => string {
  return (code, said) => {
    const withoutKeys = said.replace(/\bre_\w+/g, '<key>');
    return `${code}: ${mails.map(recipientOf).reduce(redact, withoutKeys)}`;
  };
}
