import { describe, expect, it } from '@jest/globals';
import { growingDelayMs, pause, unlessAborted } from './waiting.js';

const GROWTH = { firstMs: 500, maxMs: 30_000 };

describe('growingDelayMs', () => {
  it('doubles up to its maximum and stays there', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((tries) => growingDelayMs(GROWTH, tries, 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads over the upper half of it', () => {
    expect(growingDelayMs(GROWTH, 3, 0)).toBe(1_000);
    expect(growingDelayMs(GROWTH, 3, 0.5)).toBe(1_500);
    expect(growingDelayMs(GROWTH, 0, 0)).toBe(250);
  });
});

describe('pause and unlessAborted', () => {
  it('end at once when the signal aborts, before or during', async () => {
    const controller = new AbortController();
    const pausing = pause(60_000, controller.signal);
    const waiting = unlessAborted(new Promise<string>(() => undefined), controller.signal);
    controller.abort();
    await pausing;
    expect(await waiting).toBeNull();
    await pause(60_000, controller.signal);
    expect(await unlessAborted(Promise.resolve('late'), controller.signal)).toBeNull();
  });

  it('give the value, or the error, when nothing aborts', async () => {
    const { signal } = new AbortController();
    await pause(1, signal);
    expect(await unlessAborted(Promise.resolve('value'), signal)).toBe('value');
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });
});
