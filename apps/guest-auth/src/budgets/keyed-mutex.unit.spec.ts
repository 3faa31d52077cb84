import { describe, expect, it } from '@jest/globals';
import { KeyedMutex } from './keyed-mutex.js';

describe('a keyed mutex', () => {
  it('runs work of the same key one at a time, in the order of the calls', async () => {
    const [mutex, done]: [KeyedMutex, string[]] = [new KeyedMutex(), []];
    let running = 0;
    const work = (name: string) => async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      done.push(name);
      running -= 1;
      return name;
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => mutex.run('same', work(name))));
    expect([results, done]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  it('runs work of another key at once', async () => {
    const mutex = new KeyedMutex();
    let finish: () => void = () => undefined;
    const waiting = mutex.run('one', () => new Promise<void>((resolve) => (finish = resolve)));
    expect(await mutex.run('other', async () => 'done')).toBe('done');
    finish();
    await waiting;
  });

  it('goes on after work that failed', async () => {
    const mutex = new KeyedMutex();
    const failing = mutex.run('same', () => Promise.reject(new Error('broken')));
    const next = mutex.run('same', async () => 'done');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('done');
  });
});
