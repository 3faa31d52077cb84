import { describe, expect, it } from '@jest/globals';
import { MinuteLimit } from './minute-limit.js';

describe('a limit for a minute', () => {
  it('admits so many of each key, and as many again in the next minute', () => {
    const limit = new MinuteLimit(2);
    expect([limit.take('a', 0), limit.take('a', 1), limit.take('a', 59_999)]).toEqual([true, true, false]);
    expect(limit.take('b', 59_999)).toBe(true);
    expect(limit.take('a', 60_000)).toBe(true);
  });

  it('holds no more than it may, whoever asks: beyond that, new ones share a count', () => {
    const limit = new MinuteLimit(1);
    for (let index = 0; index < 20_000; index++) expect(limit.take(`k${index}`, 0)).toBe(true);
    expect([limit.take('x', 0), limit.take('y', 0)]).toEqual([true, false]);
  });
});
