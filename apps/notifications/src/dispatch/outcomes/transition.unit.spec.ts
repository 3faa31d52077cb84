import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../channels/channel.js';
import { EMAIL_RETRY_SCHEDULE_MS as SCHEDULE } from '../../channels/email/email-channel.js';
import { repeatMs } from './retry-schedule.js';
import { type Transition, type TransitionPolicy, transition } from './transition.js';

const SMTP: TransitionPolicy = { isIdempotent: false, retrySchedule: SCHEDULE, unknownWaitMs: 30_000 };
const KEYED: TransitionPolicy = { isIdempotent: true, retrySchedule: SCHEDULE, unknownWaitMs: 30_000 };

const now = new Date('2026-11-30T12:00:00Z');
const after = (outcome: Outcome, counters = { tries: 0, unknowns: 0 }, policy = SMTP): Transition =>
  transition({ ...counters, expiresAt: null }, outcome, policy, { now, random: 0.5 });

describe('the state after an attempt', () => {
  it('accepted stays with the provider’s reference', () => {
    expect(after({ kind: 'accepted', ref: '250 ok' })).toEqual({ state: 'accepted', ref: '250 ok' });
  });

  it('a certain failure follows the retry schedule, with full jitter', () => {
    SCHEDULE.forEach((step, tries) => {
      expect(after({ kind: 'not_sent', cause: 'connection_refused' }, { tries, unknowns: 0 })).toEqual({
        state: 'retrying',
        reason: 'connection_refused',
        waitMs: step / 2,
      });
    });
  });

  it('after the last step it is dead', () => {
    const last = { tries: SCHEDULE.length, unknowns: 0 };
    expect(after({ kind: 'not_sent', cause: 'connection_refused' }, last)).toMatchObject({
      state: 'dead',
      reason: 'out_of_tries',
    });
  });

  it('a wait that the provider asks for takes precedence over the retry schedule', () => {
    expect(after({ kind: 'throttled', reason: 'rate', retryAfterMs: 77_000 })).toMatchObject({ waitMs: 77_000 });
  });

  it('a refused address is suppressed, a refused mail is only dead', () => {
    expect(after({ kind: 'refused', reason: '550 5.1.1', suppress: true })).toMatchObject({
      state: 'dead',
      reason: 'address_refused',
      suppress: true,
    });
    expect(after({ kind: 'refused', reason: '554', suppress: false })).toMatchObject({
      state: 'dead',
      reason: 'refused',
    });
  });

  it('an unanswered attempt is repeated once, then given up', () => {
    expect(after({ kind: 'unknown', cause: 'no_reply' })).toEqual({
      state: 'unknown',
      reason: 'no_reply',
      waitMs: 30_000,
    });
    expect(after({ kind: 'unknown', cause: 'no_reply' }, { tries: 1, unknowns: 1 })).toMatchObject({
      state: 'dead',
      reason: 'no_answer',
      isUnanswered: true,
    });
  });

  it('if the provider recognises keys, an unanswered attempt is repeated until the key is too old', () => {
    for (let unknowns = 0; unknowns < 50; unknowns += 1) {
      expect(after({ kind: 'unknown', cause: 'no_reply' }, { tries: unknowns, unknowns }, KEYED)).toEqual({
        state: 'unknown',
        reason: 'no_reply',
        waitMs: repeatMs(SCHEDULE, unknowns + 1, 0.5),
      });
    }
  });

  it('a delivery that may have arrived is not given up when a later attempt fails for certain', () => {
    const counters = { tries: 40, unknowns: 1 };
    expect(after({ kind: 'not_sent', cause: 'unreachable' }, counters, KEYED)).toMatchObject({ state: 'retrying' });
    expect(after({ kind: 'not_sent', cause: 'unreachable' }, counters)).toEqual({
      state: 'dead',
      reason: 'no_answer',
      detail: 'unreachable',
    });
  });

  it('throttling of all deliveries does not count as an attempt, however often', () => {
    for (const policy of [SMTP, KEYED]) {
      expect(
        after(
          { kind: 'throttled', reason: 'rate', retryAfterMs: 3_000, isForAll: true },
          { tries: 99, unknowns: 0 },
          policy,
        ),
      ).toEqual({ state: 'retrying', reason: 'rate', waitMs: 3_000, isFree: true });
    }
    expect(after({ kind: 'throttled', reason: 'rate', isForAll: true })).toMatchObject({ waitMs: 1_000 });
  });

  it('what another provider takes goes there at once, and has lost no try', () => {
    const moved = { state: 'retrying', waitMs: 0, isFree: true };
    const used: Outcome = { kind: 'throttled', reason: 'quota', retryAfterMs: 600_000, isForAll: true, hasOther: true };
    for (const policy of [SMTP, KEYED]) {
      const counters = { tries: 99, unknowns: 0 };
      expect(after({ kind: 'not_sent', cause: 'unreachable', hasOther: true }, counters, policy)).toEqual({
        ...moved,
        reason: 'unreachable',
      });
      expect(after(used, counters, policy)).toEqual({ ...moved, reason: 'quota' });
    }
  });

  it('what an earlier attempt may have sent stays, though another provider would take it', () => {
    for (const policy of [SMTP, KEYED]) {
      const next = after({ kind: 'not_sent', cause: 'unreachable', hasOther: true }, { tries: 2, unknowns: 1 }, policy);
      expect(next).toMatchObject({ state: 'retrying', reason: 'unreachable' });
      expect((next as { waitMs: number }).waitMs).toBeGreaterThan(0);
      expect(next).not.toHaveProperty('isFree');
    }
  });

  it('a delivery that was refused with others is sent by itself from then on', () => {
    expect(after({ kind: 'not_sent', cause: 'batch_refused', isAlone: true })).toMatchObject({
      state: 'retrying',
      isAlone: true,
    });
  });
});

it('a delivery that there was nobody to send to is skipped, unless an earlier attempt may have arrived', () => {
  const outcome: Outcome = { kind: 'skipped', reason: 'no_device' };
  const after = (unknowns: number) =>
    transition({ tries: 1, unknowns, expiresAt: null }, outcome, KEYED, { now, random: 0.5 });
  expect(after(0)).toEqual({ state: 'skipped', reason: 'no_device' });
  expect(after(1)).toEqual({ state: 'dead', reason: 'no_answer', detail: 'no_device' });
});

describe('a code, which expires after ten minutes', () => {
  const codeAfter = (outcome: Outcome, leftMs: number, counters = { tries: 2, unknowns: 0 }, policy = SMTP) =>
    transition({ ...counters, expiresAt: new Date(now.getTime() + leftMs) }, outcome, policy, { now, random: 0.5 });
  const greylisted: Outcome = { kind: 'throttled', reason: 'throttled: 451 Greylisted' };
  const expired = (detail: string) => ({ state: 'skipped', reason: 'expired', detail });

  it('is retried about once a minute, without a limit of attempts', () => {
    for (const tries of [2, 5, 8, 9, 30]) {
      expect(codeAfter(greylisted, 300_000, { tries, unknowns: 0 })).toMatchObject({
        state: 'retrying',
        waitMs: 60_000,
      });
    }
    expect(codeAfter({ kind: 'not_sent', cause: 'unreachable' }, 300_000)).toMatchObject({ waitMs: 60_000 });
  });

  it('expires at once when the next attempt would be too late, after any failure', () => {
    expect(codeAfter(greylisted, 60_000)).toEqual(expired('throttled: 451 Greylisted'));
    expect(codeAfter(greylisted, 60_001)).toMatchObject({ state: 'retrying' });
    expect(codeAfter(greylisted, -1)).toMatchObject(expired('throttled: 451 Greylisted'));
    expect(codeAfter({ kind: 'not_sent', cause: 'mailbox_full' }, 30_000)).toEqual(expired('mailbox_full'));
    for (const policy of [SMTP, KEYED]) {
      const quota: Outcome = { kind: 'throttled', reason: 'quota_exceeded', retryAfterMs: 600_000, isForAll: true };
      expect(codeAfter(quota, 599_000, { tries: 0, unknowns: 0 }, policy)).toEqual(expired('quota_exceeded'));
      expect(codeAfter({ ...quota, retryAfterMs: 3_000 }, 599_000, { tries: 0, unknowns: 0 }, policy)).toMatchObject({
        state: 'retrying',
        waitMs: 3_000,
        isFree: true,
      });
    }
  });

  it('waits as long as the server asks, if that is in time', () => {
    const asks = { ...greylisted, retryAfterMs: 300_000 };
    expect(codeAfter(asks, 590_000)).toMatchObject({ state: 'retrying', waitMs: 300_000 });
    expect(codeAfter(asks, 290_000)).toMatchObject(expired('throttled: 451 Greylisted'));
  });

  it('is not retried a hundred times if the server asks for a second each time', () => {
    const asks = { ...greylisted, retryAfterMs: 1_000 };
    for (const tries of [0, 1, 4]) {
      expect(codeAfter(asks, 590_000, { tries, unknowns: 0 })).toMatchObject({ waitMs: 1_000 });
    }
    for (const tries of [5, 8, 30]) {
      expect(codeAfter(asks, 590_000, { tries, unknowns: 0 })).toMatchObject({ waitMs: 60_000 });
    }
  });

  it('is never reported as not sent after an unanswered attempt', () => {
    expect(codeAfter(greylisted, 1_000, { tries: 1, unknowns: 1 })).toMatchObject({
      state: 'dead',
      reason: 'no_answer',
    });
    expect(codeAfter({ kind: 'unknown', cause: 'x' }, 500_000, { tries: 9, unknowns: 9 }, KEYED)).toMatchObject({
      state: 'unknown',
      waitMs: 60_000,
    });
  });

  it('arrives in time if greylisting ends after one to nine minutes, for any random numbers', () => {
    const luck = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 520_000 }), luck, (greyMs, chances) => {
        let atMs = 0;
        for (const [tries, random] of chances.entries()) {
          if (atMs >= greyMs) return;
          const left = { tries, unknowns: 0, expiresAt: new Date(600_000) };
          const next = transition(left, greylisted, SMTP, { now: new Date(atMs), random });
          if (next.state !== 'retrying') throw new Error(`${next.state} at ${atMs} ms`);
          atMs += next.waitMs;
        }
      }),
    );
  });
});
