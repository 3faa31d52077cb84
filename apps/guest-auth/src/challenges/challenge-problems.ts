import { Problem, temporarilyUnavailable } from '@bellhop/http';

/** The same for everybody, whether the address or ticket exists or not. */
export function overBudget(retryAfterSeconds: number): Problem {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  return new Problem(
    429,
    'over_budget',
    'Too many mails were requested',
    `Look into the mailbox, also in the spam folder. Otherwise try again in ${minutes} minutes.`,
    { headers: { 'retry-after': String(retryAfterSeconds) } },
  );
}

export function tooManyTries(retryAfterSeconds: number): Problem {
  return new Problem(
    429,
    'too_many_tries',
    'Too many codes were tried',
    `Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`,
    { headers: { 'retry-after': String(retryAfterSeconds) } },
  );
}

export function linkUnknown(): Problem {
  return new Problem(
    404,
    'link_unknown',
    'This link does not work',
    'Use the link of the newest mail, or request a fresh one with the ticket number and your address.',
  );
}

export function wrongCode(triesLeft: number): Problem {
  return new Problem(422, 'wrong_code', 'This is not the code', 'Compare it with the newest mail.', { triesLeft });
}

export function challengeGone(): Problem {
  return new Problem(
    410,
    'challenge_gone',
    'This code cannot be used any more',
    'It expired, was used, was tried too often, or was requested in another browser. Request a new one.',
  );
}

export function codeNotSent(): Problem {
  return temporarilyUnavailable('No code could be sent at the moment. Request one again in a few seconds.');
}

export function keyReused(): Problem {
  return new Problem(
    422,
    'idempotency_key_reused',
    'The Idempotency-Key was used before',
    'Another link was opened with this key. Choose a new key for a new request, for example a UUID.',
  );
}
