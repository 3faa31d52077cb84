import type { Outcome } from '../../channel.js';

/** What a failure says of the provider: `certain`, nobody's mail would be taken now; `possible`, it may be this request alone. */
export type Outage = 'certain' | 'possible';

/** By the stable code of an outcome. Nobody gets as far as naming a recipient. */
const CERTAIN: ReadonlySet<string> = new Set([
  'unreachable',
  'tls_failed',
  'greeting_refused',
  'login_failed',
  'login_refused',
  'key_refused',
  'wrong_server',
]);
/** Also what is judged by the words of a reply: they might be about one recipient after all. */
const POSSIBLE: ReadonlySet<string> = new Set([
  'timed_out',
  'connection_lost',
  'unavailable',
  'sender_refused',
  'setup_refused',
  'quota_exceeded',
  'no_answer',
  'server_error',
  'unexpected_answer',
  'unreadable_answer',
]);
/** A shorter wait is the usual "not so fast", after which the same provider goes on. */
export const LONG_WAIT_MS = 60_000;

/** Undefined: it says nothing of the provider as a whole, such as the refusal of one address. */
export function outageOf(outcome: Outcome): Outage | undefined {
  if (outcome.kind === 'throttled') {
    if (outcome.isForAll) return (outcome.retryAfterMs ?? 0) >= LONG_WAIT_MS ? 'certain' : undefined;
    return POSSIBLE.has(codeOf(outcome.reason)) ? 'possible' : undefined;
  }
  if (outcome.kind !== 'not_sent' && outcome.kind !== 'unknown') return undefined;
  const code = codeOf(outcome.cause);
  if (CERTAIN.has(code)) return 'certain';
  return POSSIBLE.has(code) ? 'possible' : undefined;
}

/** The provider was not asked, so that the outcome is no answer of it. */
export function isOurLimit(outcome: Outcome): boolean {
  return outcome.kind === 'throttled' && outcome.isOurLimit === true;
}

/** What failed, for a log line. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === 'throttled') return outcome.reason;
  return 'cause' in outcome ? outcome.cause : outcome.kind;
}

function codeOf(text: string): string {
  return text.split(':')[0] ?? '';
}
