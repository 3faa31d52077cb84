import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sparing } from './sparing.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A question that takes so long, and answers how often it was asked. */
function question(tookMs: number): () => Promise<number> {
  let asked = 0;
  return async () => {
    jest.advanceTimersByTime(tookMs);
    return ++asked;
  };
}

describe('sparing', () => {
  it('gives the last answer until a hundred times as long has passed as it took', async () => {
    const ask = sparing(question(30));
    expect(await ask()).toBe(1);
    jest.advanceTimersByTime(2_999);
    expect(await ask()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await ask()).toBe(2);
  });

  it('gives no answer that is older than a minute, however long it took', async () => {
    const ask = sparing(question(5_000));
    await ask();
    jest.advanceTimersByTime(60_000);
    expect(await ask()).toBe(2);
  });

  it('asks every time what costs next to nothing', async () => {
    const ask = sparing(question(0));
    await ask();
    expect(await ask()).toBe(2);
  });

  it('asks once for all who ask at the same time', async () => {
    const ask = sparing(question(30));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  });

  it('keeps no failure', async () => {
    let asked = 0;
    const ask = sparing(async () => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return asked;
    });
    await expect(ask()).rejects.toThrow('away');
    expect(await ask()).toBe(2);
  });
});
