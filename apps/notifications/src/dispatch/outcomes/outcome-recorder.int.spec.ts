import { Metrics } from '@bellhop/http';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import {
  begin,
  claim,
  countedAs,
  insertDelivery,
  outboxEvents,
  readyDatabase,
  settingsOf,
} from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { DispatchMetrics } from '../dispatch-metrics.js';
import { expireLeases } from '../leases/expire-leases.js';
import { OutcomeRecorder, type Result } from './outcome-recorder.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let metrics: Metrics;
let recorder: OutcomeRecorder;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  metrics = new Metrics('notifications');
  const database = readyDatabase(dataSource);
  recorder = new OutcomeRecorder(database, new DispatchMetrics(metrics, database), settingsOf());
});
afterEach(() => dataSource.query('truncate deliveries, told, frozen_requests, suppressions, outbox'));

/** One claimed delivery per person, by name; those that are not named in `leased` are being sent. */
async function attempts<N extends string>(names: readonly N[], leased: readonly N[] = []) {
  for (const name of names) {
    await insertDelivery(dataSource, { recipient_key: name, endpoint: `${name.toUpperCase()}@Example.com` });
  }
  const claimed = await claim(dataSource);
  await begin(
    dataSource,
    claimed.filter(({ recipientKey }) => !leased.includes(recipientKey as N)),
  );
  return Object.fromEntries(claimed.map((one) => [one.recipientKey, one])) as Record<N, LeasedDelivery>;
}

const rowOf = async ({ id }: LeasedDelivery) => {
  const [row] = await dataSource.query(
    `select state, reason, provider_ref, unknowns, settled_at is not null as "isSettled", leased_by, lease_until,
       round(extract(epoch from due_at - now()))::int as "dueInSeconds" from deliveries where id = $1`,
    [id],
  );
  return row;
};

/** Keeps the row until it is released. */
async function lock({ id }: LeasedDelivery): Promise<() => Promise<void>> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query('select 1 from deliveries where id = $1 for update', [id]);
  return async () => {
    await runner.rollbackTransaction();
    await runner.release();
  };
}

const untilWaiting = (act: string) =>
  waitFor(
    async () => {
      const waiting: unknown[] = await dataSource.query(
        `${act} pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%update deliveries%'`,
      );
      return waiting.length > 0;
    },
    { what: 'an outcome to wait for its row' },
  );

it('what waits for a ceiling is counted separately from what failed, in both metrics', async () => {
  const { held, failed } = await attempts(['held', 'failed', 'lost'], ['held']);
  await recorder.hold([{ delivery: held, reason: 'ceiling', waitMs: 600_000 }]);
  await recorder.record(failed, { state: 'retrying', reason: 'refused', waitMs: 600_000 });
  // Another holder has it now.
  await recorder.hold([{ delivery: { ...failed, fence: failed.fence - 1 }, reason: 'ceiling', waitMs: 1 }]);
  expect(await rowOf(held)).toMatchObject({ state: 'retrying', reason: 'ceiling', dueInSeconds: 600 });
  expect([await countedAs(metrics, 'held'), await countedAs(metrics, 'retrying')]).toEqual([1, 1]);
  const { values = [] } = (await metrics.getSingleMetric('bellhop_deliveries_waiting')?.get()) ?? {};
  expect(Object.fromEntries(values.map(({ labels, value }) => [labels.state, value]))).toMatchObject({
    held: 1,
    retrying: 1,
  });
});

describe('the outcome of a delivery', () => {
  it('is published once, when a late answer and the end of an unanswered attempt are recorded together', async () => {
    const { first, late } = await attempts(['first', 'late']);
    await recorder.record(late, { state: 'unknown', reason: 'no_answer: cut', waitMs: 0 });
    const [again] = (await claim(dataSource)) as [LeasedDelivery];
    const release = await lock(first);
    const held = recorder.record(first, { state: 'retrying', reason: 'x', waitMs: 60_000 });
    await untilWaiting('select pid from');
    const both = [
      recorder.record(again, { state: 'dead', reason: 'no_answer' }),
      recorder.record(late, { state: 'accepted', ref: 'e-1' }),
    ];
    await release();
    await Promise.all([held, ...both]);
    expect(await rowOf(late)).toMatchObject({ state: 'accepted', provider_ref: 'e-1' });
    expect((await outboxEvents(dataSource)).map(({ type }: { type: string }) => type)).toEqual([
      'notification.accepted.v1',
    ]);
    expect(await countedAs(metrics, 'dead')).toBe(0);
  });

  it('is recorded with others in one transaction, with an event for each end state', async () => {
    const names = ['accepted', 'dead', 'refused', 'skipped', 'retrying', 'unknown'] as const;
    const of = await attempts(['first', ...names], ['skipped']);
    const results: Record<(typeof names)[number], Result> = {
      accepted: { state: 'accepted', ref: '250 ok' },
      dead: { state: 'dead', reason: 'out_of_tries', detail: 'not_sent: x' },
      refused: { state: 'dead', reason: 'address_refused', detail: '550 no such user', suppress: true },
      skipped: { state: 'skipped', reason: 'seen' },
      retrying: { state: 'retrying', reason: 'throttled: 451', waitMs: 60_000 },
      unknown: { state: 'unknown', reason: 'no_answer: cut', waitMs: 30_000 },
    };
    // Everything that arrives during a commit waits for the next one.
    const release = await lock(of.first);
    const first = recorder.record(of.first, { state: 'retrying', reason: 'x', waitMs: 60_000 });
    await untilWaiting('select pid from');
    const recorded = names.map((name) => recorder.record(of[name], results[name]));
    await release();
    await Promise.all([first, ...recorded]);

    const settled = { isSettled: true, leased_by: null, lease_until: null };
    expect(await rowOf(of.accepted)).toMatchObject({ ...settled, state: 'accepted', provider_ref: '250 ok' });
    expect(await rowOf(of.dead)).toMatchObject({ ...settled, state: 'dead', reason: 'out_of_tries', unknowns: 0 });
    expect(await rowOf(of.refused)).toMatchObject({ ...settled, state: 'dead', reason: 'address_refused' });
    expect(await rowOf(of.skipped)).toMatchObject({ ...settled, state: 'skipped', reason: 'seen' });
    const waiting = { isSettled: false, leased_by: null, lease_until: null };
    expect(await rowOf(of.retrying)).toMatchObject({
      ...waiting,
      state: 'retrying',
      dueInSeconds: expect.closeTo(60, -1),
      unknowns: 0,
    });
    expect(await rowOf(of.unknown)).toMatchObject({
      ...waiting,
      state: 'unknown',
      dueInSeconds: expect.closeTo(30, -1),
      unknowns: 1,
    });
    const transactions = `select distinct xmin::text from deliveries where recipient_key <> 'first'`;
    expect(await dataSource.query(transactions)).toHaveLength(1);

    const published = await outboxEvents(dataSource);
    expect(published.map(({ type, data }) => [type, data.deliveryId, data.reason])).toEqual([
      ['notification.accepted.v1', of.accepted.id, undefined],
      ['notification.dead.v1', of.dead.id, 'out_of_tries'],
      ['notification.dead.v1', of.refused.id, 'address_refused'],
      ['notification.skipped.v1', of.skipped.id, 'seen'],
    ]);
    const frozen: { batch_id: string }[] = await dataSource.query('select batch_id from frozen_requests');
    expect(frozen.map((row) => row.batch_id).sort()).toEqual([of.first.id, of.retrying.id, of.unknown.id].sort());
    expect(await dataSource.query('select endpoint, reason, delivery_id from suppressions')).toEqual([
      { endpoint: 'refused@example.com', reason: '550 no such user', delivery_id: of.refused.id },
    ]);
    const counts = ['accepted', 'dead', 'skipped', 'retrying', 'unknown'].map((state) => countedAs(metrics, state));
    expect(await Promise.all(counts)).toEqual([1, 2, 1, 2, 1]);
  });

  it('is recorded without its event if that cannot be written, and does not affect others of its batch', async () => {
    const of = await attempts(['good', 'bad', 'gone']);
    // An invalid ticket number: intake refuses it, so only a defect can store it.
    const bad = { ...of.bad, ticketNumber: 'not a number!' };
    await Promise.all([
      recorder.record(of.good, { state: 'accepted', ref: '250 ok' }),
      recorder.record(bad, { state: 'accepted', ref: '250 ok' }),
      recorder.record(of.gone, { state: 'dead', reason: 'no_answer', isUnanswered: true }),
    ]);
    expect(await rowOf(of.good)).toMatchObject({ state: 'accepted' });
    expect(await rowOf(of.bad)).toMatchObject({ state: 'accepted', provider_ref: '250 ok' });
    // The last attempt counts like those before it.
    expect(await rowOf(of.gone)).toMatchObject({ state: 'dead', unknowns: 1 });
    const published = await outboxEvents(dataSource);
    expect(published.map(({ data }) => data.deliveryId).sort()).toEqual([of.good.id, of.gone.id].sort());
    expect(await countedAs(metrics, 'accepted')).toBe(2);
    expect(await dataSource.query('select 1 from frozen_requests')).toEqual([]);
  });

  it('is neither recorded, published nor counted when another holder has settled the delivery', async () => {
    const { slow } = await attempts(['slow']);
    await dataSource.query(`update deliveries set lease_until = now() - interval '1 second'`);
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: null }),
    );
    const [present] = (await claim(dataSource)) as [LeasedDelivery];
    await begin(dataSource, [present]);
    await recorder.record(present, { state: 'accepted', ref: '250 second' });
    await recorder.record(slow, { state: 'dead', reason: 'refused', suppress: true });
    await recorder.record(slow, { state: 'accepted', ref: '250 first' });
    await recorder.record(slow, { state: 'retrying', reason: 'x', waitMs: 0 });
    await recorder.record(slow, { state: 'unknown', reason: 'x', waitMs: 0 });
    expect(await rowOf(slow)).toMatchObject({ state: 'accepted', provider_ref: '250 second', unknowns: 1 });
    expect(await outboxEvents(dataSource)).toHaveLength(1);
    expect(await dataSource.query('select 1 from suppressions')).toEqual([]);
    const counts = ['accepted', 'dead', 'retrying', 'unknown'].map((state) => countedAs(metrics, state));
    expect(await Promise.all(counts)).toEqual([1, 0, 0, 0]);
  });

  it('is recorded again after the database was unavailable', async () => {
    const { one } = await attempts(['one']);
    const release = await lock(one);
    const recorded = recorder.record(one, { state: 'accepted', ref: '250 ok' });
    // As a restarted server ends its connections.
    await untilWaiting('select pg_terminate_backend(pid) from');
    await release();
    await recorded;
    expect(await rowOf(one)).toMatchObject({ state: 'accepted' });
    expect(await outboxEvents(dataSource)).toHaveLength(1);
    expect(await countedAs(metrics, 'accepted')).toBe(1);
  });
});
