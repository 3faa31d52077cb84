import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { sparing } from './sparing.js';

describe('sparing', () => {
  it('gives the last answer until a hundred times as long has passed as it took', async () => {
    let asked = 0;
    const ask = sparing(async () => {
      await pause(30);
      return ++asked;
    });
    expect(await ask()).toBe(1);
    expect(await ask()).toBe(1);
    await pause(1_000);
    expect(await ask()).toBe(1);
    await pause(4_000);
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
      await pause(30);
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
