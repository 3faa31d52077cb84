import { waitFor } from '@bellhop/local-stack';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GroupCommit } from './group-commit.js';

class BadItem extends Error {
  constructor(readonly item: number) {
    super(`item ${item} is bad`);
  }
}

/** A store that takes a group whole or not at all, and remembers every call. */
function store(isBad: (item: number) => boolean = () => false) {
  const committed: number[] = [];
  const groups: number[][] = [];
  return {
    committed,
    groups,
    async commit(items: number[]): Promise<string[]> {
      groups.push(items);
      await Promise.resolve();
      const bad = items.find(isBad);
      if (bad !== undefined) throw new BadItem(bad);
      committed.push(...items);
      return items.map((item) => `done ${item}`);
    },
    isDataError: (error: unknown) => error instanceof BadItem,
  };
}

/** A store whose commits end when the test says so. */
function slowStore() {
  const pending: { items: number[]; finish(): void; fail(error: Error): void }[] = [];
  return {
    pending,
    commit: (items: number[]) =>
      new Promise<number[]>((resolve, reject) => {
        pending.push({ items, finish: () => resolve(items), fail: reject });
      }),
    isDataError: () => false,
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('GroupCommit', () => {
  it('commits together what came together, and gives everyone their own result', async () => {
    const target = store();
    const group = new GroupCommit(target);
    const results = await Promise.all(range(40).map((item) => group.add(item)));
    expect(results).toEqual(range(40).map((item) => `done ${item}`));
    expect(target.groups).toEqual([range(40)]);
  });

  it('runs one commit at a time, fills the next one meanwhile, and keeps the order', async () => {
    const target = slowStore();
    const group = new GroupCommit({ ...target, maxItems: 250 });
    const first = group.add(0);
    await waitFor(() => target.pending.length === 1);
    const rest = range(300).map((item) => group.add(item + 1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(target.pending).toHaveLength(1);
    target.pending[0]?.finish();
    await first;
    await waitFor(() => target.pending.length === 2);
    expect(target.pending[1]?.items).toEqual(range(250).map((item) => item + 1));
    target.pending[1]?.finish();
    await waitFor(() => target.pending.length === 3);
    expect(target.pending[2]?.items).toEqual(range(50).map((item) => item + 251));
    target.pending[2]?.finish();
    await Promise.all(rest);
  });

  it('lets nobody wait for company that does not come', async () => {
    const target = store();
    const group = new GroupCommit(target);
    const startedAt = performance.now();
    for (const item of range(100)) await group.add(item);
    expect(target.groups).toHaveLength(100);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('one bad item rejects alone, with its own error', async () => {
    const target = store((item) => item === 7);
    const group = new GroupCommit(target);
    const outcomes = await Promise.allSettled(range(16).map((item) => group.add(item)));
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(1);
    expect(outcomes[7]).toMatchObject({ status: 'rejected', reason: { item: 7 } });
    // 16, then both halves, then the halves of the bad one: what a search by halves costs, and no more.
    expect(target.groups).toHaveLength(1 + 2 * Math.log2(16));
  });

  it('every good item is committed exactly once and every bad one rejects alone, whatever the mixture', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        async (bad, maxItems) => {
          const target = store((item) => bad[item] === true);
          const group = new GroupCommit({ ...target, maxItems });
          const outcomes = await Promise.allSettled(bad.map((_, item) => group.add(item)));
          for (const [item, outcome] of outcomes.entries()) {
            const expected = bad[item]
              ? { status: 'rejected', reason: { item } }
              : { status: 'fulfilled', value: `done ${item}` };
            expect(outcome).toMatchObject(expected);
          }
          expect(target.committed.toSorted((a, b) => a - b)).toEqual(range(bad.length).filter((item) => !bad[item]));
          expect(Math.max(...target.groups.map((items) => items.length))).toBeLessThanOrEqual(maxItems);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a transient error rejects everyone at once, and is not searched for among the items', async () => {
    const fault = new Error('Connection terminated unexpectedly');
    let calls = 0;
    const group = new GroupCommit<number, number>({
      commit() {
        calls++;
        return Promise.reject(fault);
      },
      isDataError: (error) => error instanceof BadItem,
    });
    const outcomes = await Promise.allSettled(range(50).map((item) => group.add(item)));
    expect(outcomes).toEqual(range(50).map(() => ({ status: 'rejected', reason: fault })));
    expect(calls).toBe(1);
  });

  it('a transient error in the middle of the search rejects what is left and keeps what is done', async () => {
    const fault = new Error('shutting down');
    const target = store((item) => item === 0);
    let isDown = false;
    const group = new GroupCommit<number, string>({
      ...target,
      async commit(items) {
        if (isDown) throw fault;
        const results = await target.commit(items);
        isDown = true;
        return results;
      },
    });
    const outcomes = await Promise.allSettled(range(4).map((item) => group.add(item)));
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.message : outcome.value))).toEqual(
      ['item 0 is bad', 'done 1', 'shutting down', 'shutting down'],
    );
  });

  it('works on after an error', async () => {
    const target = store((item) => item === 1);
    const group = new GroupCommit(target);
    await expect(group.add(1)).rejects.toBeInstanceOf(BadItem);
    expect(await group.add(2)).toBe('done 2');
  });

  it('refuses a commit that answers another number of results, without committing again', async () => {
    let calls = 0;
    const commit = async () => {
      calls++;
      return [1];
    };
    const group = new GroupCommit<number, number>({ commit, isDataError: () => true });
    const outcomes = await Promise.allSettled([group.add(1), group.add(2)]);
    expect(outcomes).toMatchObject(
      range(2).map(() => ({ status: 'rejected', reason: { code: 'wrong_result_count' } })),
    );
    expect(calls).toBe(1);
  });
});
