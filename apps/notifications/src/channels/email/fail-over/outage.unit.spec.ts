import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../channel.js';
import { outageOf } from './outage.js';

const notSent = (cause: string): Outcome => ({ kind: 'not_sent', cause });
const unknown = (cause: string): Outcome => ({ kind: 'unknown', cause });
const slow = (retryAfterMs?: number): Outcome => ({
  kind: 'throttled',
  reason: 'rate_limited: 429',
  isForAll: true,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe('what a failure says of the provider', () => {
  it.each<[Outcome, ReturnType<typeof outageOf>]>([
    [notSent('unreachable'), 'certain'],
    [notSent('key_refused: 401 invalid_api_key'), 'certain'],
    [notSent('login_refused: 535 5.7.8'), 'certain'],
    [slow(600_000), 'certain'],
    [notSent('timed_out'), 'possible'],
    [notSent('unavailable: 421 4.3.2 shutting down'), 'possible'],
    [notSent('setup_refused: 554 5.7.1 relay access denied'), 'possible'],
    [unknown('no_answer: connection_lost'), 'possible'],
    [unknown('server_error: 503'), 'possible'],
    [{ kind: 'throttled', reason: 'quota_exceeded: 452', retryAfterMs: 3_600_000 }, 'possible'],
    // Of this mail, its recipient, or the pace.
    [slow(1_000), undefined],
    [slow(), undefined],
    [notSent('temporarily_refused: 450 4.2.0 later'), undefined],
    [notSent('mailbox_full: 552 5.2.2'), undefined],
    [notSent('batch_refused: 422'), undefined],
    [unknown('in_progress: 409'), undefined],
    [{ kind: 'throttled', reason: 'throttled: 450 4.7.1 greylisted', retryAfterMs: 300_000 }, undefined],
    [{ kind: 'refused', reason: 'recipient_refused: 550 5.1.1', suppress: true }, undefined],
    [{ kind: 'accepted', ref: 'unreachable' }, undefined],
  ])('%j → %s', (outcome, expected) => {
    expect(outageOf(outcome)).toBe(expected);
  });
});
