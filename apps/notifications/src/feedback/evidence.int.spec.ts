import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { begin, claim, countedAs } from '../../test/delivery-rows.js';
import { FeedbackBench, tagged } from '../../test/feedback-bench.js';
import type { LeasedDelivery } from '../dispatch/delivery.js';
import { markAccepted } from '../dispatch/outcomes/mark-accepted.js';
import { markRetrying } from '../dispatch/outcomes/mark-retrying.js';
import { markUnknown } from '../dispatch/outcomes/mark-unknown.js';

const bench = new FeedbackBench();
/** One request to the provider with these deliveries. */
const freeze = (...ids: string[]) =>
  bench.query(
    `with batch as (insert into frozen_requests (batch_id, sealed) values (gen_random_uuid(), 'sealed') returning batch_id)
     update deliveries set batch_id = batch.batch_id from batch where id = any ($1::uuid[])`,
    [ids],
  );
const frozenCount = async () => (await bench.query('select 1 from frozen_requests')).length;

describe('evidence that the provider has a mail', () => {
  const TYPES = ['email.sent', 'email.delivered', 'email.delivery_delayed', 'email.bounced', 'email.complained'];

  it.each(TYPES)('%s settles an unknown delivery, with its event, and deletes its request', async (type) => {
    const id = await bench.insert({ state: 'unknown', unknowns: 1, reason: 'no_answer: cut' });
    await freeze(id);
    await bench.receive(type, tagged(id));
    expect(await bench.rowOf(id)).toMatchObject({
      state: 'accepted',
      reason: null,
      provider_ref: `mail-of-${id}`,
      isSettled: true,
    });
    expect((await bench.events())[0]).toEqual(['notification.accepted.v1', id, undefined]);
    expect(await frozenCount()).toBe(0);
    expect(await countedAs(bench.metrics, 'accepted')).toBe(1);
  });

  it('deletes a frozen request with the last delivery in it', async () => {
    const one = await bench.insert({ state: 'unknown', unknowns: 1 });
    const two = await bench.insert({ state: 'unknown', unknowns: 1 });
    await freeze(one, two);
    await bench.receive('email.sent', tagged(one));
    expect(await frozenCount()).toBe(1);
    await bench.receive('email.sent', tagged(two));
    expect(await frozenCount()).toBe(0);
  });

  it('settles a delivery in every state that an unanswered attempt leads to', async () => {
    const lease = { leased_by: randomUUID(), lease_until: new Date(Date.now() + 60_000) };
    const open = [
      await bench.insert({ state: 'retrying', unknowns: 1 }),
      await bench.insert({ state: 'leased', unknowns: 1, ...lease }),
      await bench.insert({ state: 'sending', unknowns: 2, ...lease }),
      await bench.insert({ state: 'dead', unknowns: 2, reason: 'no_answer', settled_at: new Date() }),
    ];
    await Promise.all(open.map((id) => bench.receive('email.sent', tagged(id))));
    for (const id of open) {
      expect(await bench.rowOf(id)).toMatchObject({
        state: 'accepted',
        leased_by: null,
        lease_until: null,
        isSettled: true,
      });
    }
    expect((await bench.events()).map(([type]) => type)).toEqual(Array(4).fill('notification.accepted.v1'));
  });

  it('does not change a delivery that ended otherwise, or waits for its own first answer', async () => {
    const others: [string, Record<string, unknown>][] = [
      [await bench.insert({ state: 'dead', reason: 'address_refused' }), { state: 'dead', reason: 'address_refused' }],
      [await bench.insert({ state: 'skipped', reason: 'seen' }), { state: 'skipped', reason: 'seen' }],
      [await bench.insert({ state: 'retrying', reason: 'throttled' }), { state: 'retrying', reason: 'throttled' }],
      [await bench.insert({ state: 'sending' }), { state: 'sending', isSettled: false }],
    ];
    for (const [id] of others) await freeze(id);
    await Promise.all(others.map(([id]) => bench.receive('email.delivered', tagged(id))));
    for (const [id, row] of others) {
      expect(await bench.rowOf(id)).toMatchObject({ ...row, feedback: 'delivered', provider_ref: `mail-of-${id}` });
    }
    expect((await bench.events()).map(([type]) => type)).toEqual(Array(4).fill('notification.delivered.v1'));
    expect(await frozenCount()).toBe(4);
    expect(await countedAs(bench.metrics, 'accepted')).toBe(0);
  });

  it('a failure after acceptance counts as a bounce, with the provider’s reason, and suppresses nothing', async () => {
    const id = await bench.insert({ state: 'unknown', unknowns: 1 });
    expect(await bench.receive('email.failed', tagged(id, { failed: { reason: 'reached_daily_quota' } }))).toBe(
      'failed',
    );
    expect(await bench.rowOf(id)).toMatchObject({ state: 'accepted', feedback: 'bounced' });
    expect(await bench.events()).toEqual([
      ['notification.accepted.v1', id, undefined],
      ['notification.bounced.v1', id, 'reached_daily_quota'],
    ]);
    expect(await bench.query('select 1 from suppressions')).toEqual([]);
  });
});

describe('evidence while the dispatcher works', () => {
  const attempt = async (): Promise<LeasedDelivery> => {
    await bench.insert();
    const [delivery] = (await claim(bench.dataSource)) as [LeasedDelivery];
    await begin(bench.dataSource, [delivery]);
    return delivery;
  };
  const late = (delivery: LeasedDelivery) =>
    bench.dataSource.transaction(async (manager) => [
      ...(await markAccepted(manager, [{ delivery, ref: 'late' }])),
      ...(await markRetrying(manager, [{ delivery, reason: 'x', waitMs: 0 }])),
      ...(await markUnknown(manager, [{ delivery, reason: 'x', waitMs: 0 }])),
    ]);

  it('a second attempt that was claimed does not begin, and the late answer of one under way changes nothing', async () => {
    const first = await attempt();
    await bench.dataSource.transaction((manager) =>
      markUnknown(manager, [{ delivery: first, reason: 'x', waitMs: 0 }]),
    );
    const [second] = (await claim(bench.dataSource)) as [LeasedDelivery];
    await bench.receive('email.sent', tagged(first.id));
    expect(await begin(bench.dataSource, [second])).toEqual(new Set());
    expect(await late(second)).toEqual([]);
    expect(await bench.rowOf(first.id)).toMatchObject({ state: 'accepted', provider_ref: `mail-of-${first.id}` });
    expect(await claim(bench.dataSource)).toEqual([]);
  });

  it('a webhook that comes before the first answer is recorded, and the answer settles', async () => {
    const delivery = await attempt();
    await bench.receive('email.delivered', tagged(delivery.id));
    expect(await bench.rowOf(delivery.id)).toMatchObject({ state: 'sending', feedback: 'delivered' });
    await bench.dataSource.transaction((manager) => markAccepted(manager, [{ delivery, ref: 'e-1' }]));
    expect(await bench.rowOf(delivery.id)).toMatchObject({
      state: 'accepted',
      feedback: 'delivered',
      provider_ref: 'e-1',
    });
  });

  it('a webhook waits for the answer that is being recorded, and is applied to the row after that', async () => {
    const delivery = await attempt();
    const runner = bench.dataSource.createQueryRunner();
    await runner.startTransaction();
    await markUnknown(runner.manager, [{ delivery, reason: 'x', waitMs: 0 }]);
    const received = bench.receive('email.sent', tagged(delivery.id));
    await bench.untilWaiting(1);
    await runner.commitTransaction();
    await runner.release();
    await received;
    expect(await bench.rowOf(delivery.id)).toMatchObject({ state: 'accepted' });
  });
});
