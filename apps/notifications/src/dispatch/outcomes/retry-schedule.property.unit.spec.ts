import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMAIL_RETRY_SCHEDULE_MS as SCHEDULE } from '../../channels/email/email-channel.js';
import { nextTryInTimeMs, nextTryMs, repeatMs } from './retry-schedule.js';

const tries = fc.integer({ min: 1, max: SCHEDULE.length });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before the next attempt', () => {
  it('is between zero and the step', () => {
    fc.assert(
      fc.property(tries, random, (made, chance) => {
        const waitMs = nextTryMs(SCHEDULE, made, chance) as number;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(SCHEDULE[made - 1] as number);
        expect(Number.isInteger(waitMs)).toBe(true);
      }),
    );
  });

  it('is spread evenly over the step', () => {
    fc.assert(
      fc.property(tries, random, (made, chance) => {
        const step = SCHEDULE[made - 1] as number;
        expect(nextTryMs(SCHEDULE, made, 0)).toBe(0);
        expect(Math.abs((nextTryMs(SCHEDULE, made, chance) as number) - step * chance)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('never shrinks from step to step, for the same random number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: SCHEDULE.length }), random, (made, chance) => {
        expect(nextTryMs(SCHEDULE, made, chance)).toBeGreaterThanOrEqual(
          nextTryMs(SCHEDULE, made - 1, chance) as number,
        );
      }),
    );
  });

  it('is the one that the provider asks for, zero or a day', () => {
    fc.assert(
      fc.property(tries, random, fc.oneof(fc.constant(0), fc.nat(86_400_000)), (made, chance, retryAfterMs) => {
        expect(nextTryMs(SCHEDULE, made, chance, retryAfterMs)).toBe(retryAfterMs);
      }),
    );
  });

  it('does not exist after the last step, whatever the provider asks for', () => {
    const retryAfter = fc.option(fc.nat(86_400_000), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: SCHEDULE.length + 1, max: 1_000 }), random, retryAfter, (made, chance, ms) => {
        expect(nextTryMs(SCHEDULE, made, chance, ms)).toBeNull();
      }),
    );
  });
});

describe('the wait before the next attempt at a delivery that expires', () => {
  const anyTries = fc.integer({ min: 1, max: 1_000 });

  it('ends before it expires, and is never much longer than a minute', () => {
    fc.assert(
      fc.property(anyTries, random, fc.integer({ min: -1_000, max: 3_600_000 }), (made, chance, leftMs) => {
        const waitMs = nextTryInTimeMs(SCHEDULE, { tries: made, random: chance, leftMs });
        if (waitMs === null) expect(leftMs).toBeLessThanOrEqual(75_000);
        else expect(waitMs).toBeLessThan(Math.min(leftMs, 75_001));
      }),
    );
  });

  it('is short at first, then about a minute: a transient error costs seconds, greylisting causes no flood of attempts', () => {
    expect(
      [1, 2, 3, 4, 9, 100].map((made) => nextTryInTimeMs(SCHEDULE, { tries: made, random: 0.5, leftMs: 600_000 })),
    ).toEqual([2_500, 15_000, 60_000, 60_000, 60_000, 60_000]);
    expect(nextTryInTimeMs(SCHEDULE, { tries: 3, random: 0, leftMs: 600_000 })).toBe(45_000);
  });
});

it('the retry schedule never waits longer than its step, nor less than nothing; a repetition never longer than half an hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), random, (made, chance) => {
      const waitMs = nextTryMs(SCHEDULE, made, chance);
      const step = SCHEDULE[made - 1];
      if (step === undefined) expect(waitMs).toBeNull();
      else expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs ?? 0).toBeLessThanOrEqual(step ?? 0);
      expect(repeatMs(SCHEDULE, made, chance)).toBeGreaterThanOrEqual(0);
      expect(repeatMs(SCHEDULE, made, chance)).toBeLessThanOrEqual(Math.min(step ?? 1_800_000, 1_800_000));
    }),
  );
});
