import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const BACKOFF = { firstMs: 500, maxMs: 30_000 };

describe('backoffMs', () => {
  it('doubles up to its maximum and stays there', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => backoffMs(BACKOFF, failures, 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads over the upper half of it', () => {
    expect(backoffMs(BACKOFF, 3, 0)).toBe(1_000);
    expect(backoffMs(BACKOFF, 3, 0.5)).toBe(1_500);
    expect(backoffMs(BACKOFF, 0, 0)).toBe(250);
  });
});
