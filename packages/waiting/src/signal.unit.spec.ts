import { describe, expect, it } from '@jest/globals';
import { Signal } from './signal.js';

describe('Signal', () => {
  it('ends the wait at hand, however long it would have been', async () => {
    const signal = new Signal();
    const waiting = signal.wait(60_000);
    signal.notify();
    await waiting;
  });

  it('is kept for the next who waits, once', async () => {
    const signal = new Signal();
    signal.notify();
    signal.notify();
    await signal.wait(60_000);
    const startedAt = performance.now();
    await signal.wait(20);
    expect(performance.now() - startedAt).toBeGreaterThan(15);
  });

  it('is not kept when the wait it ended was under way', async () => {
    const signal = new Signal();
    const waiting = signal.wait(60_000);
    signal.notify();
    await waiting;
    const startedAt = performance.now();
    await signal.wait(20);
    expect(performance.now() - startedAt).toBeGreaterThan(15);
  });
});
