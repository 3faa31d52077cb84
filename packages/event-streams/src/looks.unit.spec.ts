import { waitFor } from '@bellhop/local-stack';
import { describe, expect, it } from '@jest/globals';
import { Looks } from './looks.js';

describe('looks', () => {
  it('run one at a time; what is added meanwhile shares the next, each key once, also after one that failed', async () => {
    const looks: (readonly string[])[] = [];
    const errors: unknown[] = [];
    const ends: (() => void)[] = [];
    const all = new Looks(
      async (keys) => {
        looks.push(keys);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (keys.includes('bad')) throw new Error('no answer');
      },
      (error) => errors.push(error),
    );
    all.add(['bad']);
    for (const keys of [['a', 'b'], ['b'], [], ['c', 'bad']]) all.add(keys);
    expect(looks).toEqual([['bad']]);
    ends[0]?.();
    await waitFor(() => looks.length === 2);
    expect(looks[1]).toEqual(['a', 'b', 'c', 'bad']);
    ends[1]?.();
    await waitFor(() => errors.length === 2);
    all.add(['a']);
    await waitFor(() => looks.length === 3);
    expect(looks[2]).toEqual(['a']);
  });
});
