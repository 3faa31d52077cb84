import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blocksFor, blocksOf, MAX_LIMIT, tokensIn } from './blocks.js';

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

describe('the blocks of a limit', () => {
  it.each([
    [1, { count: 1, forAlerts: 1, size: 1 }],
    [2, { count: 2, forAlerts: 1, size: 1 }],
    [5, { count: 5, forAlerts: 3, size: 1 }],
    [10, { count: 10, forAlerts: 7, size: 1 }],
    [25, { count: 13, forAlerts: 8, size: 2 }],
    [1_000, { count: 10, forAlerts: 7, size: 100 }],
  ])('of %i are %j', (limit, blocks) => {
    expect(blocksOf(limit)).toEqual(blocks);
  });

  it('are together the limit, and leave alerts at most 70 % of it, but never nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_LIMIT }), (limit) => {
        const { count, forAlerts, size } = blocksOf(limit);
        expect(tokensIn(numbers(count), limit)).toBe(limit);
        const alerts = tokensIn(numbers(forAlerts), limit);
        expect(alerts).toBeGreaterThanOrEqual(1);
        if (limit > 1) expect(alerts).toBeLessThanOrEqual(limit * 0.7);
        expect(size).toBeLessThanOrEqual(Math.max(limit / 10, 1));
        expect(count).toBeLessThan(20);
      }),
    );
  });

  it.each([1, 4, 9, 10, 19, 25, 38, 100, 1_000])(
    '%d: so many blocks hold so many requests, whichever they are',
    (limit) => {
      const { count } = blocksOf(limit);
      for (let requests = 1; requests <= limit; requests++) {
        const last = Array.from(
          { length: Math.min(blocksFor(requests, limit), count) },
          (_, index) => count - 1 - index,
        );
        expect(tokensIn(last, limit)).toBeGreaterThanOrEqual(requests);
      }
    },
  );
});
