import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../world/random.js';
import { type PlanOptions, plan, type Step } from './plan.js';

const OPTIONS: PlanOptions = { processes: ['tickets', 'n-1', 'n-2'], leaseMs: 2_000, hasRollback: true };

function first(count: number, seed: number, options = OPTIONS): Step[] {
  const steps = plan(new Random(seed), options);
  return Array.from({ length: count }, () => steps.next().value);
}

describe('what goes wrong', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(first(100, 7)).toEqual(first(100, 7));
    expect(first(100, 7)).not.toEqual(first(100, 8));
  });

  it('is everything within one round, whatever the seed', () => {
    const kinds = new Set(first(1_000, 1).map(({ action }) => action.kind));
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(new Set(first(13, seed).map(({ action }) => action.kind))).toEqual(kinds);
      }),
      { numRuns: 20 },
    );
  });

  it('lasts longer than a lease where a process sleeps, and leaves calm before everything', () => {
    for (const { action, calmMs } of first(500, 3)) {
      expect(calmMs).toBeGreaterThanOrEqual(800);
      if (action.kind === 'freeze') expect(action.forMs).toBeGreaterThan(OPTIONS.leaseMs);
    }
  });

  it('holds no rollback where nothing can heal one', () => {
    const all = first(500, 3, { ...OPTIONS, hasRollback: false });
    expect(all.some(({ action }) => action.kind === 'rollback')).toBe(false);
  });
});
