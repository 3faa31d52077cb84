import { describe, expect, it } from '@jest/globals';
import { RequestQueue } from './request-queue.js';

function queueOf(maxOpen: number) {
  let now = 0;
  const queue = new RequestQueue({ maxOpen, callerTimeoutMs: 3_000, now: () => now });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const request = (name: string) =>
    queue.run(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  return { request, begun, end: (name: string) => ends.get(name)?.(), wait: (ms: number) => (now += ms) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('rpc requests', () => {
  it('start at once while few are open, then in order of arrival', async () => {
    const { request, begun, end } = queueOf(2);
    const results = ['a', 'b', 'c', 'd'].map(request);
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) end(name);
    await settled();
    end('d');
    expect(await Promise.all(results)).toEqual([true, true, true, true]);
  });

  it('are dropped when their caller has timed out, those behind them are not', async () => {
    const { request, begun, end, wait } = queueOf(1);
    const open = request('open');
    const dead = request('dead');
    await settled();
    wait(2_000);
    const alive = request('alive');
    wait(1_000);
    end('open');
    expect(await dead).toBe(false);
    await settled();
    end('alive');
    expect([await open, await alive]).toEqual([true, true]);
    expect(begun).toEqual(['open', 'alive']);
  });

  it('are dropped also while none ends, so that they do not pile up', async () => {
    const { request, wait } = queueOf(1);
    void request('stuck');
    const dead = request('dead');
    wait(3_000);
    void request('new');
    expect(await dead).toBe(false);
  });

  it('that fail free their place as well', async () => {
    const queue = new RequestQueue({ maxOpen: 1, callerTimeoutMs: 3_000 });
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run(async () => undefined)).toBe(true);
  });
});
