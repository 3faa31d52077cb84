import type { RateHeaders } from '../limits/request-limit.js';

/** Longest wait for a window, so that a wrong header does not stop us: the price of asking early is one refused request. */
const MAX_RESET_MS = 60_000;

/**
 * Reads the headers that are there; one in another form counts as absent (draft-ietf-httpapi-ratelimit-headers-06;
 * https://resend.com/docs/api-reference/rate-limit).
 */
export function rateHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): RateHeaders {
  const read = (name: string) => {
    const value = headers[name];
    const digits = /^\s*(\d{1,9})\b/.exec(typeof value === 'string' ? value : '')?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [limit, remaining, reset] = [read('ratelimit-limit'), read('ratelimit-remaining'), read('ratelimit-reset')];
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(reset !== undefined && { resetMs: Math.min(reset * 1_000, MAX_RESET_MS) }),
  };
}
