import { Problem } from '@bellhop/http';

const LONGEST_WAIT_SECONDS = 3_600;

/** The same for the budget of the address, the network or the instance: the answer does not tell which mailboxes are known. */
export function overBudget(retryAfterSeconds = LONGEST_WAIT_SECONDS, cause?: unknown): Problem {
  const detail = 'Too many codes were asked for. Nothing was filed; send the request again later.';
  return new Problem(429, 'over_budget', 'Too many codes', detail, {
    headers: { 'retry-after': String(retryAfterSeconds) },
    cause,
  });
}

export function nobodyCanAsk(cause: unknown): Problem {
  const detail = 'No code can be sent at the moment. Nothing was filed; send the request again in a minute.';
  return new Problem(503, 'codes_unavailable', 'No code can be sent', detail, {
    headers: { 'retry-after': '60' },
    cause,
  });
}

/** The ticket stays: a repeated request continues with it and makes no second one. */
export function perhapsAsked(cause: unknown): Problem {
  const detail = 'It is not known whether the code was sent. Send the request again with the same Idempotency-Key.';
  return new Problem(503, 'temporarily_unavailable', 'Temporarily unavailable', detail, {
    headers: { 'retry-after': '1' },
    cause,
  });
}

export function askedAtThisMoment(): Problem {
  return new Problem(409, 'request_in_progress', 'The first request still runs', 'Send it again in a moment.', {
    headers: { 'retry-after': '1' },
  });
}

export function guestAndAccount(): Problem {
  const errors = [{ path: 'guest', message: 'must be left out: you are signed in' }];
  const detail = 'You are signed in: leave `guest` out, and the ticket is filed under your account.';
  return new Problem(422, 'guest_when_signed_in', 'Either an account or a guest', detail, { errors });
}

export function nobodyFiles(): Problem {
  const errors = [{ path: 'guest', message: 'is missing (an object such as {"email":"jana@example.com"})' }];
  const detail =
    'Send "Authorization: Bearer <access token>", or `guest` with your address to file without an account.';
  return new Problem(401, 'sign_in_required', 'Sign in, or file as a guest', detail, {
    errors,
    headers: { 'www-authenticate': 'Bearer realm="bellhop"' },
  });
}
