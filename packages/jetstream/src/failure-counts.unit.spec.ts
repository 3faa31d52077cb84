import { describe, expect, it } from '@jest/globals';
import { FailureCounts } from './failure-counts.js';

describe('FailureCounts', () => {
  it('counts each message by itself and begins again after it was settled', () => {
    const counts = new FailureCounts();
    expect([counts.add('a'), counts.add('a'), counts.add('b')]).toEqual([1, 2, 1]);
    counts.forget('a');
    expect(counts.add('a')).toBe(1);
  });

  it('forgets the one that failed longest ago when there are too many, and never grows beyond that', () => {
    const counts = new FailureCounts(3);
    for (const key of ['a', 'b', 'c']) counts.add(key);
    counts.add('a');
    counts.add('d');
    expect(counts.size).toBe(3);
    expect([counts.add('a'), counts.add('c'), counts.add('b')]).toEqual([3, 2, 1]);
  });
});
