import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

describe('a turnstile', () => {
  it('lets those who want the same pass one by one, in the order in which they came', async () => {
    const [turnstile, passed]: [Turnstile, string[]] = [new Turnstile(), []];
    let inside = 0;
    const work = (name: string) => async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      passed.push(name);
      inside -= 1;
      return name;
    };
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => turnstile.pass('same', work(name))));
    expect([answers, passed]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  it('lets nobody wait for what has nothing to do with them', async () => {
    const turnstile = new Turnstile();
    let open: () => void = () => undefined;
    const waiting = turnstile.pass('one', () => new Promise<void>((resolve) => (open = resolve)));
    expect(await turnstile.pass('other', async () => 'passed')).toBe('passed');
    open();
    await waiting;
  });

  it('is not stopped by one who fails', async () => {
    const turnstile = new Turnstile();
    const failing = turnstile.pass('same', () => Promise.reject(new Error('broken')));
    const next = turnstile.pass('same', async () => 'passed');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('passed');
  });

  it('remembers a refusal for a second, and counts down meanwhile', () => {
    let now = 0;
    const turnstile = new Turnstile(() => now);
    turnstile.remember('a', 900);
    expect([turnstile.refusedFor('a'), turnstile.refusedFor('b')]).toEqual([900, null]);
    now = 999;
    turnstile.remember('b', 60);
    expect(turnstile.refusedFor('a')).toBe(900);
    now = 1_000;
    expect([turnstile.refusedFor('a'), turnstile.refusedFor('b')]).toEqual([null, 60]);
    turnstile.remember('b', 59);
    now = 1_500;
    expect(turnstile.refusedFor('b')).toBe(59);
  });
});
