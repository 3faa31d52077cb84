import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../channels/channel.js';
import type { LeasedDelivery } from './delivery.js';
import { MAX_UNKNOWNS } from './expire-leases.js';
import { EMAIL_LADDER_MS, nextTryMs } from './ladder.js';
import { type Transition, transition } from './transition.js';

const after = (outcome: Outcome, counters = { tries: 0, unknowns: 0 }): Transition =>
  transition(counters as LeasedDelivery, outcome, 0.5);

describe('the state after an attempt', () => {
  it('accepted stays with the provider’s reference', () => {
    expect(after({ kind: 'accepted', ref: '250 ok' })).toEqual({ state: 'accepted', ref: '250 ok' });
  });

  it('a definite failure climbs the ladder, with full jitter', () => {
    EMAIL_LADDER_MS.forEach((step, tries) => {
      expect(after({ kind: 'not_sent', cause: 'connection_refused' }, { tries, unknowns: 0 })).toEqual({
        state: 'retrying',
        reason: 'connection_refused',
        waitMs: step / 2,
      });
    });
  });

  it('after the last step it is dead', () => {
    const last = { tries: EMAIL_LADDER_MS.length, unknowns: 0 };
    expect(after({ kind: 'not_sent', cause: 'connection_refused' }, last)).toMatchObject({
      state: 'dead',
      reason: 'out_of_tries',
    });
  });

  it('what the provider asks for wins over the ladder', () => {
    expect(after({ kind: 'throttled', reason: 'rate', retryAfterMs: 77_000 })).toMatchObject({ waitMs: 77_000 });
  });

  it('a refused address is suppressed, a refused mail only dies', () => {
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

  it('an attempt without an answer is repeated once, then given up', () => {
    expect(after({ kind: 'unknown', cause: 'no_reply' })).toEqual({ state: 'unknown', reason: 'no_reply' });
    expect(after({ kind: 'unknown', cause: 'no_reply' }, { tries: 1, unknowns: 1 })).toMatchObject({
      state: 'dead',
      reason: 'no_answer',
    });
  });
});

describe('any sequence of outcomes', () => {
  const outcome = fc.oneof(
    fc.constant<Outcome>({ kind: 'accepted', ref: 'ok' }),
    fc.constant<Outcome>({ kind: 'not_sent', cause: 'x' }),
    fc.record({ kind: fc.constant('throttled' as const), reason: fc.constant('x'), retryAfterMs: fc.nat(1e6) }),
    fc.record({ kind: fc.constant('refused' as const), reason: fc.constant('x'), suppress: fc.boolean() }),
    fc.constant<Outcome>({ kind: 'unknown', cause: 'x' }),
  );

  it('ends after at most the ladder and one repetition, and never claims more unknowns than allowed', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 20, maxLength: 20 }), (outcomes) => {
        const counters = { tries: 0, unknowns: 0 };
        for (const one of outcomes) {
          const next = after(one, counters);
          counters.tries += 1;
          if (next.state === 'unknown') counters.unknowns += 1;
          expect(counters.unknowns).toBeLessThan(MAX_UNKNOWNS);
          if (next.state === 'accepted' || next.state === 'dead') {
            expect(counters.tries).toBeLessThanOrEqual(EMAIL_LADDER_MS.length + 1);
            return;
          }
        }
        throw new Error('it never ended');
      }),
    );
  });

  it('never waits longer than the step, nor less than nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, random) => {
          const waitMs = nextTryMs(tries, random);
          const step = EMAIL_LADDER_MS[tries - 1];
          if (step === undefined) expect(waitMs).toBeNull();
          else expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs ?? 0).toBeLessThanOrEqual(step ?? 0);
        },
      ),
    );
  });
});
