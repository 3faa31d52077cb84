import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sparing } from './sparing.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('sparing', () => {
  it('gives the last answer until a hundred times as long has passed as it took', async () => {
    let asked = 0;
    const ask = sparing(async () => {
      jest.advanceTimersByTime(30);
      return ++asked;
    });
    expect(await ask()).toBe(1);
    jest.advanceTimersByTime(2_999);
    expect(await ask()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await ask()).toBe(2);
  });

  it('gives no answer that is older than a minute, however long it took', async () => {
    let asked = 0;
    const ask = sparing(async () => {
      jest.advanceTimersByTime(5_000);
      return ++asked;
    });
    await ask();
    jest.advanceTimersByTime(60_000);
    expect(await ask()).toBe(2);
  });

  it('asks every time what costs next to nothing', async () => {
    let asked = 0;
    const ask = sparing(async () => ++asked);
    await ask();
    expect(await ask()).toBe(2);
  });

  it('asks once for all who ask at the same time', async () => {
    let asked = 0;
    const ask = sparing(async () => {
      jest.advanceTimersByTime(30);
      return ++asked;
    });
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
