import { describe, expect, it } from '@jest/globals';
import { pause, unlessAborted } from './pause.js';

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
