import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../channels/channel.js';
import { EMAIL_RETRY_SCHEDULE_MS as SCHEDULE } from '../../channels/email/email-channel.js';
import { MAX_UNKNOWNS } from '../leases/expire-leases.js';
import { type Transition, type TransitionPolicy, transition } from './transition.js';

const SMTP: TransitionPolicy = { isIdempotent: false, retrySchedule: SCHEDULE, unknownWaitMs: 30_000 };
const KEYED: TransitionPolicy = { isIdempotent: true, retrySchedule: SCHEDULE, unknownWaitMs: 30_000 };

const now = new Date('2026-11-30T12:00:00Z');

const outcome = fc.oneof(
  fc.constant<Outcome>({ kind: 'accepted', ref: 'ok' }),
  fc.record({ kind: fc.constant('not_sent' as const), cause: fc.constant('x'), isAlone: fc.boolean() }),
  fc.record({
    kind: fc.constant('throttled' as const),
    reason: fc.constant('x'),
    retryAfterMs: fc.nat(1e6),
    isForAll: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('refused' as const), reason: fc.constant('x'), suppress: fc.boolean() }),
  fc.constant<Outcome>({ kind: 'unknown', cause: 'x' }),
);
/** An attempt ends with an outcome, or its process crashes before or after `sending` was committed. */
const step = fc.oneof(
  { weight: 4, arbitrary: outcome },
  fc.constantFrom('died leased' as const, 'died sending' as const),
);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

interface Row {
  state: 'retrying' | 'unknown' | Transition['state'];
  tries: number;
  unknowns: number;
  ageMs: number;
}

const KEY_MS = 23 * 3_600_000;
const isOver = ({ state }: Row) => state === 'accepted' || state === 'dead';

/** One attempt at a delivery, on its own clock: applies `transition`, lease expiry and the limit of the key's age. */
function attempt(
  row: Row,
  what: Outcome | 'died leased' | 'died sending',
  policy: TransitionPolicy,
  random: number,
): Row {
  if (policy.isIdempotent && row.unknowns > 0 && row.ageMs >= KEY_MS) return { ...row, state: 'dead' };
  if (what === 'died leased') return { ...row, state: 'retrying', ageMs: row.ageMs + 2_000 };
  const tries = row.tries + 1;
  if (what === 'died sending') {
    const unknowns = row.unknowns + 1;
    const isEnd = !policy.isIdempotent && unknowns >= MAX_UNKNOWNS;
    return { state: isEnd ? 'dead' : 'unknown', tries, unknowns, ageMs: row.ageMs + 2_000 + policy.unknownWaitMs };
  }
  const next = transition({ ...row, expiresAt: null }, what, policy, { now, random });
  const isFree = next.state === 'retrying' && next.isFree;
  return {
    state: next.state,
    tries: isFree ? row.tries : tries,
    unknowns: row.unknowns + (next.state === 'unknown' ? 1 : 0),
    ageMs: row.ageMs + ('waitMs' in next ? next.waitMs : 0),
  };
}

describe.each([
  ['a server that cannot recognise a repeated mail', SMTP],
  ['a provider that knows keys', KEYED],
])('any sequence of outcomes, deaths and restarts with %s', (_what, policy) => {
  const play = (steps: readonly (Outcome | 'died leased' | 'died sending')[], random: number) => {
    const rows: Row[] = [{ state: 'retrying', tries: 0, unknowns: 0, ageMs: 0 }];
    for (const one of steps) {
      const row = rows.at(-1) as Row;
      if (!isOver(row)) rows.push(attempt(row, one, policy, random));
    }
    return rows;
  };

  it('passes through valid states only: counters grow, waits are never negative, nothing follows an end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), chance, (steps, random) => {
        const rows = play(steps, random);
        rows.forEach((row, index) => {
          const before = rows[index - 1];
          if (!before) return;
          expect(row.unknowns).toBeGreaterThanOrEqual(before.unknowns);
          expect(row.tries).toBeGreaterThanOrEqual(before.tries);
          expect(row.ageMs).toBeGreaterThanOrEqual(before.ageMs);
          expect(isOver(before)).toBe(false);
          expect(Number.isFinite(row.ageMs)).toBe(true);
        });
      }),
    );
  });

  it('ends when attempts keep failing, and never as "not sent" after an unanswered one', () => {
    const failing = fc.array(
      step.filter(
        (one) =>
          one !== 'died leased' && (typeof one === 'string' || (one.kind !== 'throttled' && one.kind !== 'accepted')),
      ),
      { minLength: 3_000, maxLength: 3_000, size: 'max' },
    );
    fc.assert(
      // At least half a minute on average: the age of the key ends it.
      fc.property(failing, fc.double({ min: 0.3, max: 1, maxExcluded: true, noNaN: true }), (steps, random) => {
        const last = play(steps, random).at(-1) as Row;
        expect(isOver(last)).toBe(true);
        if (!policy.isIdempotent) {
          expect(last.unknowns).toBeLessThanOrEqual(MAX_UNKNOWNS);
          expect(last.tries).toBeLessThanOrEqual(SCHEDULE.length + 1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('does not end by throttling of all deliveries', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e6), { minLength: 1, maxLength: 200 }), (waits) => {
        const steps = waits.map((retryAfterMs) => ({
          kind: 'throttled' as const,
          reason: 'x',
          retryAfterMs,
          isForAll: true,
        }));
        expect(play(steps, 0.5).at(-1)).toMatchObject({ state: 'retrying', tries: 0 });
      }),
    );
  });
});
