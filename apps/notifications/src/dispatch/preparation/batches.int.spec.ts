import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { batchOf, claim, insertDelivery } from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { markAccepted } from '../outcomes/mark-accepted.js';
import { markRetrying } from '../outcomes/mark-retrying.js';
import { markUnknown } from '../outcomes/mark-unknown.js';
import { deleteUnused, wipeFrozen } from '../outcomes/wipe-frozen.js';
import { beginSending } from './begin-sending.js';
import { loadFrozen } from './load-frozen.js';

const LEASE_MS = 30_000;
let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told, frozen_requests'));

async function claimed(...names: string[]): Promise<LeasedDelivery[]> {
  for (const name of names) await insertDelivery(dataSource, { recipient_key: name });
  return claim(dataSource);
}
const frozenIds = async () => {
  const rows: { batch_id: string }[] = await dataSource.query('select batch_id from frozen_requests');
  return rows.map(({ batch_id }) => batch_id);
};
const idsOf = (deliveries: readonly LeasedDelivery[]) => new Set(deliveries.map(({ id }) => id));

describe('a request with several deliveries', () => {
  it('is stored once, before it is sent, with all deliveries that we hold', async () => {
    const members = await claimed('a', 'b', 'c');
    const batch = batchOf(members);
    expect(await beginSending(dataSource, [batch], LEASE_MS)).toEqual(idsOf(members));
    expect(await frozenIds()).toEqual([batch.id]);
    const rows = await dataSource.query('select distinct state, batch_id, provider, tries from deliveries');
    expect(rows).toEqual([{ state: 'sending', batch_id: batch.id, provider: '127.0.0.1:9', tries: 1 }]);
  });

  it('begins whole or not at all: if another dispatcher holds one delivery, that person would be notified twice', async () => {
    const [one, two, three] = (await claimed('a', 'b', 'c')) as [LeasedDelivery, LeasedDelivery, LeasedDelivery];
    const stale = { ...one, fence: one.fence - 1 };
    const whole = batchOf([three]);
    expect(await beginSending(dataSource, [batchOf([stale, two]), whole], LEASE_MS)).toEqual(new Set([three.id]));
    expect(await frozenIds()).toEqual([whole.id]);
    const rows = await dataSource.query('select state, batch_id, tries from deliveries where id <> $1', [three.id]);
    expect(rows).toEqual(Array(2).fill({ state: 'leased', batch_id: null, tries: 0 }));
  });

  it('that is repeated begins for the deliveries that we hold', async () => {
    const [one, two] = (await claimed('a', 'b')) as [LeasedDelivery, LeasedDelivery];
    const stale = { ...one, fence: one.fence - 1 };
    const repeat = { ...batchOf([stale, two]), isRepeat: true };
    expect(await beginSending(dataSource, [repeat], LEASE_MS)).toEqual(new Set([two.id]));
  });

  it('keeps the bytes of its first attempt when it is repeated', async () => {
    const members = await claimed('a', 'b');
    const batch = { ...batchOf(members), sealed: Buffer.from('first') };
    await beginSending(dataSource, [batch], LEASE_MS);
    await markUnknown(
      dataSource.manager,
      members.map((delivery) => ({ delivery, reason: 'x', waitMs: -1 })),
    );
    const again = await claim(dataSource);
    expect(again.map(({ batchId }) => batchId)).toEqual([batch.id, batch.id]);
    await beginSending(dataSource, [{ ...batch, members: again, sealed: null, isRepeat: true }], LEASE_MS);
    expect(await loadFrozen(dataSource, [batch.id])).toEqual([
      { batchId: batch.id, sealed: Buffer.from('first'), hasLiveKey: true },
    ]);
  });

  it('has a key that is used for 23 hours', async () => {
    const batchId = randomUUID();
    await dataSource.query(`insert into frozen_requests values ($1, 'x', now() - interval '23 hours 1 second')`, [
      batchId,
    ]);
    expect(await loadFrozen(dataSource, [batchId])).toMatchObject([{ hasLiveKey: false }]);
  });
});

describe('a frozen request', () => {
  const settle = (delivery: LeasedDelivery) =>
    dataSource.transaction(async (manager) => {
      await markAccepted(manager, [{ delivery, ref: 'r' }]);
      await wipeFrozen(manager, [delivery.id]);
    });

  it('stays while one of its deliveries waits, and is deleted with the last', async () => {
    const [first, last] = (await claimed('a', 'b')) as [LeasedDelivery, LeasedDelivery];
    const batch = batchOf([first, last]);
    await beginSending(dataSource, [batch], LEASE_MS);
    await settle(first);
    expect(await frozenIds()).toEqual([batch.id]);
    await settle(last);
    expect(await frozenIds()).toEqual([]);
  });

  it('is deleted also when its last two deliveries settle at the same time, in transactions that cannot see each other', async () => {
    const [first, last] = (await claimed('a', 'b')) as [LeasedDelivery, LeasedDelivery];
    await beginSending(dataSource, [batchOf([first, last])], LEASE_MS);
    const slow = dataSource.createQueryRunner();
    await slow.startTransaction();
    await markAccepted(slow.manager, [{ delivery: first, ref: 'r' }]);
    await wipeFrozen(slow.manager, [first.id]);
    const other = settle(last);
    await waitFor(
      async () => {
        const waiting = await dataSource.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      },
      { what: 'the second transaction to wait for the first' },
    );
    await slow.commitTransaction();
    await slow.release();
    await other;
    expect(await frozenIds()).toEqual([]);
  });

  it('of a batch that was split is deleted when all deliveries have moved to others', async () => {
    const members = (await claimed('a', 'b')) as [LeasedDelivery, LeasedDelivery];
    const batch = batchOf(members);
    await beginSending(dataSource, [batch], LEASE_MS);
    await markRetrying(
      dataSource.manager,
      members.map((delivery) => ({ delivery, reason: 'x', waitMs: -1 })),
    );
    const [one, two] = (await claim(dataSource)) as [LeasedDelivery, LeasedDelivery];
    const [next, last] = [batchOf([one]), batchOf([two])];
    await beginSending(dataSource, [next], LEASE_MS);
    await deleteUnused(dataSource.manager, [batch.id]);
    expect((await frozenIds()).sort()).toEqual([batch.id, next.id].sort());
    await beginSending(dataSource, [last], LEASE_MS);
    await deleteUnused(dataSource.manager, [batch.id]);
    expect((await frozenIds()).sort()).toEqual([next.id, last.id].sort());
  });
});
