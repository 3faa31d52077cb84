import { randomUUID } from 'node:crypto';
import { REPLAYABLE_STATES } from '@bellhop/contracts/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { claim, insertDelivery } from '../../test/delivery-rows.js';
import { countReplayable, pickReplayable } from './pick-replayable.js';
import { replayOf } from './replay.js';
import { replayDeliveries } from './replay-deliveries.js';
import { loadReplayFacts } from './replay-facts.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told, known_tickets, frozen_requests, suppressions'));

const copiesOf = async (id: string) =>
  (await dataSource.query('select copies from deliveries where id = $1', [id]))[0].copies;
const LATER = new Date(Date.now() + 3_600_000);
let people = 0;

/** A delivery to a person of its own, due in an hour, with counters and a request. */
async function delivery(state: string, columns: Record<string, unknown> = {}, frozen?: string): Promise<string> {
  people += 1;
  const batchId = randomUUID();
  if (frozen) {
    await dataSource.query(`insert into frozen_requests values ($1, 'sealed', now() - $2::interval)`, [
      batchId,
      frozen,
    ]);
  }
  const settled = ['dead', 'skipped', 'accepted'].includes(state) ? { settled_at: new Date() } : {};
  return insertDelivery(dataSource, {
    recipient_key: `crm:user:${people}`,
    state,
    due_at: LATER,
    tries: 5,
    unknowns: 0,
    batch_id: batchId,
    reason: 'because',
    ...settled,
    ...columns,
  });
}

const rowOf = async (id: string) => {
  const [row] = await dataSource.query(
    `select state, reason, tries, unknowns, batch_id is not null as "hasBatch", settled_at, due_at <= now() as "isDue"
     from deliveries where id = $1`,
    [id],
  );
  return row;
};
const replay = (...ids: string[]) => replayDeliveries(dataSource.manager, ids, REPLAYABLE_STATES);
const FRESH = { state: 'retrying', reason: 'replayed', tries: 0, unknowns: 0, hasBatch: false, settled_at: null };

describe('a replayed delivery', () => {
  it.each(['dead', 'skipped'])('that was %s is due now as if it had never been tried', async (state) => {
    const id = await delivery(state, { unknowns: 2, provider_ref: 'x' }, '1 hour');
    expect(await replay(id)).toMatchObject([{ id, state, reason: 'because', unknowns: 2, keeps: false }]);
    expect(await rowOf(id)).toEqual({ ...FRESH, isDue: true });
  });

  it('that waits for its next attempt is due now, and keeps its attempts and its request', async () => {
    const id = await delivery('retrying', {}, '1 hour');
    expect(await replay(id)).toMatchObject([{ keeps: true, hasFrozenRequest: true }]);
    expect(await rowOf(id)).toMatchObject({
      state: 'retrying',
      reason: 'because',
      tries: 5,
      hasBatch: true,
      isDue: true,
    });
  });

  it('that has an unanswered attempt is repeated under its key: it stays unknown, with its request', async () => {
    const id = await delivery('unknown', { unknowns: 1 }, '22 hours');
    expect(await replay(id)).toMatchObject([{ keeps: true, hasFrozenRequest: true }]);
    expect(await rowOf(id)).toMatchObject({ state: 'unknown', unknowns: 1, tries: 5, hasBatch: true, isDue: true });
  });

  it.each([['23 hours'], [undefined]])(
    'that has no answer gets a fresh request once its key protects nobody (frozen %s ago)',
    async (frozen) => {
      const id = await delivery('unknown', { unknowns: 1 }, frozen);
      expect(await replay(id)).toMatchObject([{ keeps: false, hasFrozenRequest: false }]);
      expect(await rowOf(id)).toEqual({ ...FRESH, isDue: true });
    },
  );

  it.each(['accepted', 'leased', 'sending', 'pending'])('is never one that is %s', async (state) => {
    const id = await delivery(state);
    const before = await rowOf(id);
    expect(await replay(id)).toEqual([]);
    expect(await rowOf(id)).toEqual(before);
  });

  it('may be an accepted one, if the caller says so', async () => {
    const id = await delivery('accepted');
    expect(await replayDeliveries(dataSource.manager, [id], ['accepted'])).toMatchObject([{ state: 'accepted' }]);
    expect(await rowOf(id)).toEqual({ ...FRESH, isDue: true });
    expect(await copiesOf(id)).toBe(1);
  });

  it.each([
    ['dead', { reason: 'no_answer', unknowns: 2 }],
    ['dead', { reason: 'out_of_tries' }],
    ['unknown', { unknowns: 1 }],
    ['retrying', { unknowns: 1 }],
    ['skipped', {}],
  ])(
    'is no other message because it is replayed when it was %s %j: a former attempt may have arrived',
    async (state, more) => {
      const id = await delivery(state, more);
      expect(await replay(id)).toHaveLength(1);
      expect(await copiesOf(id)).toBe(0);
    },
  );

  it('is found by the next claim, and not held back by the watermark that its own first claim left', async () => {
    const id = await delivery('pending', { due_at: new Date(0) });
    expect(await claim(dataSource)).toHaveLength(1);
    await dataSource.query(`update deliveries set state = 'dead', settled_at = now()`);
    expect(await replay(id)).toHaveLength(1);
    expect(await claim(dataSource)).toMatchObject([{ id, tries: 0 }]);
  });
});

describe('a delivery that is claimed meanwhile', () => {
  it('is left alone: nothing waits, nothing changes', async () => {
    const [held, free] = [await delivery('retrying'), await delivery('dead')];
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`update deliveries set state = 'leased' where id = $1`, [held]);
    expect(await replay(held, free)).toMatchObject([{ id: free }]);
    await runner.commitTransaction();
    await runner.release();
    expect(await replay(held)).toEqual([]);
    expect(await rowOf(held)).toMatchObject({ state: 'leased', tries: 5 });
  });

  it('is replayed once by two people at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => delivery('dead')));
    // A batch by filter replays only what is dead by then.
    const dead = (some: string[]) => replayDeliveries(dataSource.manager, some, ['dead']);
    const both = await Promise.all([dead(ids), dead([...ids].reverse())]);
    expect(
      both
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
  });
});

describe('the count', () => {
  it('counts what may arrive twice by the rule for one delivery', async () => {
    for (const state of REPLAYABLE_STATES)
      for (const unknowns of [0, 1])
        for (const reason of ['no_answer: ETIMEDOUT', 'throttled: 451', null])
          for (const frozen of ['1 hour', '24 hours', undefined]) await delivery(state, { unknowns, reason }, frozen);
    for (const isIdempotent of [true, false])
      for (const state of REPLAYABLE_STATES) {
        const all = await pickReplayable(dataSource.manager, { state }, null, 1_000);
        const facts = await loadReplayFacts(dataSource.manager, all);
        const expected = facts.filter((one) => replayOf(one, isIdempotent).mayDuplicate).length;
        const count = await countReplayable(dataSource.manager, { state }, null, isIdempotent ? ['email'] : []);
        expect({ state, ...count }).toEqual({ state, count: 18, mayDuplicate: expected });
      }
  });
});

describe('the next batch of a filter', () => {
  const walk = async (filter: Parameters<typeof pickReplayable>[1], limit: number) => {
    const ids: string[] = [];
    for (let after: string | null = null; ; after = ids.at(-1) ?? null) {
      const some = await pickReplayable(dataSource.manager, filter, after, limit);
      if (some.length === 0) return ids;
      ids.push(...some);
    }
  };

  it('comes in the order of ids, which is that of time, each once', async () => {
    const [{ ids }]: [{ ids: string[] }] = await dataSource.query(
      `select array_agg(id order by n) as ids from (select n, uuidv7() as id from generate_series(1, 5) as n) as made`,
    );
    for (const id of [...ids].reverse()) await delivery('dead', { id });
    expect(await walk({ state: 'dead' }, 2)).toEqual(ids);
  });

  it('matches a system, the code of a reason, and a ticket', async () => {
    const wanted = await delivery('dead', {
      system: 'erp',
      reason: 'refused: 554',
      ticket_id: 'X',
      ticket_number: 'N9',
    });
    await delivery('dead', { system: 'erp', reason: 'refused_else', ticket_id: 'Y' });
    await delivery('skipped', { system: 'erp', reason: 'refused', ticket_id: 'X' });
    await delivery('dead');
    expect(await walk({ state: 'dead', system: 'erp', reason: 'refused' }, 10)).toEqual([wanted]);
    expect(await walk({ state: 'dead', ticket: 'X' }, 10)).toEqual([wanted]);
    expect(await walk({ state: 'dead', ticket: 'N9' }, 10)).toEqual([wanted]);
    expect(await walk({ state: 'dead', ticket: 'Z' }, 10)).toEqual([]);
  });
});
