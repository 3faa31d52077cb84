import { describe, expect, it } from '@jest/globals';
import { QuestionQueue } from './question-queue.js';

function queueOf(maxOpen: number) {
  let now = 0;
  const queue = new QuestionQueue({ maxOpen, patienceMs: 3_000, now: () => now });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string) =>
    queue.pass(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  return { ask, begun, end: (name: string) => ends.get(name)?.(), wait: (ms: number) => (now += ms) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('questions', () => {
  it('are answered at once while few are open, and in the order in which they came', async () => {
    const { ask, begun, end } = queueOf(2);
    const answers = ['a', 'b', 'c', 'd'].map(ask);
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) end(name);
    await settled();
    end('d');
    expect(await Promise.all(answers)).toEqual([true, true, true, true]);
  });

  it('are dropped when nobody waits for an answer any more, those behind them are not', async () => {
    const { ask, begun, end, wait } = queueOf(1);
    const open = ask('open');
    const dead = ask('dead');
    await settled();
    wait(2_000);
    const alive = ask('alive');
    wait(1_000);
    end('open');
    expect(await dead).toBe(false);
    await settled();
    end('alive');
    expect([await open, await alive]).toEqual([true, true]);
    expect(begun).toEqual(['open', 'alive']);
  });

  it('are dropped also while none is answered, so that they do not gather', async () => {
    const { ask, wait } = queueOf(1);
    void ask('stuck');
    const dead = ask('dead');
    wait(3_000);
    void ask('new');
    expect(await dead).toBe(false);
  });

  it('that fail make room as well', async () => {
    const queue = new QuestionQueue({ maxOpen: 1, patienceMs: 3_000 });
    await expect(queue.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.pass(async () => undefined)).toBe(true);
  });
});
