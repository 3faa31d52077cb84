import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { adaptiveCache } from './adaptive-cache.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A query that takes so long, and returns how often it has run. */
function query(tookMs: number): () => Promise<number> {
  let runs = 0;
  return async () => {
    jest.advanceTimersByTime(tookMs);
    return ++runs;
  };
}

describe('adaptiveCache', () => {
  it('keeps a result for a hundred times as long as the query took', async () => {
    const read = adaptiveCache(query(30));
    expect(await read()).toBe(1);
    jest.advanceTimersByTime(2_999);
    expect(await read()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await read()).toBe(2);
  });

  it('keeps no result longer than a minute', async () => {
    const read = adaptiveCache(query(5_000));
    await read();
    jest.advanceTimersByTime(60_000);
    expect(await read()).toBe(2);
  });

  it('runs a cheap query every time', async () => {
    const read = adaptiveCache(query(0));
    await read();
    expect(await read()).toBe(2);
  });

  it('runs one query for all concurrent callers', async () => {
    const read = adaptiveCache(query(30));
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  });

  it('keeps no failure', async () => {
    let runs = 0;
    const read = adaptiveCache(async () => {
      runs += 1;
      if (runs === 1) throw new Error('away');
      return runs;
    });
    await expect(read()).rejects.toThrow('away');
    expect(await read()).toBe(2);
  });
});
