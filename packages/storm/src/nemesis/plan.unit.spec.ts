import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../world/random.js';
import { type PlanOptions, plan, type Step } from './plan.js';

const OPTIONS: PlanOptions = { processes: ['tickets', 'n-1', 'n-2'], leaseMs: 2_000 };

function first(count: number, seed: number, options = OPTIONS): Step[] {
  const steps = plan(new Random(seed), options);
  return Array.from({ length: count }, () => steps.next().value);
}

const kindsOf = ({ actions }: Step) => actions.map(({ kind }) => kind);

describe('what goes wrong', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(first(100, 7)).toEqual(first(100, 7));
    expect(first(100, 7)).not.toEqual(first(100, 8));
  });

  it('is everything within one round, whatever the seed', () => {
    const kinds = new Set(first(1_000, 1).flatMap(kindsOf));
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(new Set(first(16, seed).flatMap(kindsOf))).toEqual(kinds);
      }),
      { numRuns: 20 },
    );
  });

  it('lasts longer than a lease where a process sleeps, and leaves calm before everything', () => {
    for (const { actions, calmMs } of first(500, 3)) {
      expect(calmMs).toBeGreaterThanOrEqual(800);
      for (const action of actions) if (action.kind === 'freeze') expect(action.forMs).toBeGreaterThan(OPTIONS.leaseMs);
    }
  });

  it('is now and then two things at once, but never twice the same and nothing beside a rollback', () => {
    const pairs = first(500, 5)
      .map(kindsOf)
      .filter((kinds) => kinds.length > 1);
    expect(pairs.length).toBeGreaterThan(50);
    for (const kinds of pairs) {
      expect(new Set(kinds).size).toBe(2);
      expect(kinds).not.toContain('rollback');
    }
  });
});
