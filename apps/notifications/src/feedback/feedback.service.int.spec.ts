import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { Metrics } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import {
  begin,
  claim,
  countedAs,
  emailOver,
  insertDelivery,
  outboxEvents,
  readyDatabase,
} from '../../test/delivery-rows.js';
import { insertTaken, secondsNow } from '../../test/webhooks.js';
import { readReport } from '../channels/email/resend/report.js';
import type { LeasedDelivery } from '../dispatch/delivery.js';
import { DispatchMetrics } from '../dispatch/dispatch-metrics.js';
import { markAccepted } from '../dispatch/outcomes/mark-accepted.js';
import { markRetrying } from '../dispatch/outcomes/mark-retrying.js';
import { markUnknown } from '../dispatch/outcomes/mark-unknown.js';
import { FeedbackService } from './feedback.service.js';
import { purgeReceipts } from './purge-receipts.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let metrics: Metrics;
let service: FeedbackService;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  metrics = new Metrics('notifications');
  const database = readyDatabase(dataSource);
  service = new FeedbackService(database, new DispatchMetrics(metrics, database), [emailOver()]);
});
afterEach(() => dataSource.query('truncate deliveries, told, frozen_requests, suppressions, outbox, webhook_receipts'));

let webhooks = 0;
const hear = (type: string, data: object, { id = `msg_${++webhooks}`, timestamp = secondsNow() } = {}) =>
  service.receive({ stamp: { id, timestamp }, report: readReport({ type, data }) });
const tagged = (id: string, more: object = {}) => ({ email_id: `mail-of-${id}`, tags: { delivery: id }, ...more });
const permanent = { bounce: { type: 'Permanent', message: 'No such user' } };

const rowOf = async (id: string) => {
  const [row] = await dataSource.query(
    `select state, reason, provider_ref, feedback, feedback_at is not null as "hasTime", leased_by, lease_until,
       settled_at is not null as "isSettled" from deliveries where id = $1`,
    [id],
  );
  return row;
};
const insert = (columns: Record<string, unknown> = {}) =>
  insertDelivery(dataSource, { recipient_key: `key-${randomUUID()}`, ...columns });
/** One request to the provider, in which these deliveries went. */
const freeze = (...ids: string[]) =>
  dataSource.query(
    `with batch as (insert into frozen_requests (batch_id, sealed) values (gen_random_uuid(), 'sealed') returning batch_id)
     update deliveries set batch_id = batch.batch_id from batch where id = any ($1::uuid[])`,
    [ids],
  );
const untilWaiting = (count: number) =>
  waitFor(
    async () => {
      const waiting: unknown[] = await dataSource.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.length >= count;
    },
    { what: `${count} transactions to wait for a row` },
  );
const frozenCount = async () => (await dataSource.query('select 1 from frozen_requests')).length;
const told = async () => (await outboxEvents(dataSource)).map(({ type, data }) => [type, data.deliveryId, data.reason]);

describe('the delivery that a webhook is about', () => {
  it('is about the mail that it names: one from before a replay says nothing of the new one', async () => {
    const id = await insert({ state: 'unknown', unknowns: 1, generation: 1 });
    expect(await hear('email.bounced', tagged(id, permanent))).toBe('foreign');
    expect(await rowOf(id)).toMatchObject({ state: 'unknown', provider_ref: null, feedback: null });
    expect(await dataSource.query('select 1 from suppressions')).toEqual([]);
    expect(await hear('email.delivered', { email_id: 'second', tags: { delivery: id, generation: '1' } })).toBe(
      'delivered',
    );
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', provider_ref: 'second' });
  });

  it('is found by what the provider calls the mail, else by our tag', async () => {
    const byRef = await insert({ state: 'accepted', provider_ref: 'e-1' });
    const byTag = await insert({ state: 'accepted', provider_ref: 'e-2' });
    expect(await hear('email.delivered', { email_id: 'e-1', tags: { delivery: byTag } })).toBe('delivered');
    expect(await rowOf(byRef)).toMatchObject({ state: 'accepted', feedback: 'delivered', hasTime: true });
    expect(await rowOf(byTag)).toMatchObject({ feedback: null });
    expect(await hear('email.bounced', { email_id: 'e-3', tags: [{ name: 'delivery', value: byTag }] })).toBe(
      'bounced',
    );
    expect(await rowOf(byTag)).toMatchObject({ feedback: 'bounced', provider_ref: 'e-2' });
  });

  it('is none of ours when another app uses the account: counted as foreign, and nothing happens', async () => {
    const own = await insert({ state: 'unknown', unknowns: 1 });
    for (const data of [{ email_id: 'e-9' }, { email_id: 'e-9', tags: { delivery: randomUUID() } }, {}, { tags: 7 }]) {
      expect(await hear('email.bounced', { ...data, ...permanent })).toBe('foreign');
    }
    expect(await rowOf(own)).toMatchObject({ state: 'unknown', feedback: null });
    expect(await told()).toEqual([]);
    expect(await dataSource.query('select 1 from suppressions')).toEqual([]);
  });

  it('is not asked for by a webhook of a type that we have no use for', async () => {
    const id = await insert({ state: 'unknown', unknowns: 1 });
    for (const type of ['email.opened', 'email.clicked', 'domain.created', 'something.new']) {
      expect(await hear(type, tagged(id))).toBe('ignored');
    }
    expect(await rowOf(id)).toMatchObject({ state: 'unknown', feedback: null });
  });
});

describe('evidence that the provider has a mail', () => {
  const TYPES = ['email.sent', 'email.delivered', 'email.delivery_delayed', 'email.bounced', 'email.complained'];

  it.each(TYPES)('%s settles an unknown delivery, with its event, and forgets its request', async (type) => {
    const id = await insert({ state: 'unknown', unknowns: 1, reason: 'no_answer: cut' });
    await freeze(id);
    await hear(type, tagged(id));
    expect(await rowOf(id)).toMatchObject({
      state: 'accepted',
      reason: null,
      provider_ref: `mail-of-${id}`,
      isSettled: true,
    });
    expect((await told())[0]).toEqual(['notification.accepted.v1', id, undefined]);
    expect(await frozenCount()).toBe(0);
    expect(await countedAs(metrics, 'accepted')).toBe(1);
  });

  it('forgets a request to the provider with the last delivery that was in it', async () => {
    const one = await insert({ state: 'unknown', unknowns: 1 });
    const two = await insert({ state: 'unknown', unknowns: 1 });
    await freeze(one, two);
    await hear('email.sent', tagged(one));
    expect(await frozenCount()).toBe(1);
    await hear('email.sent', tagged(two));
    expect(await frozenCount()).toBe(0);
  });

  it('settles every delivery that an attempt without an answer has led to', async () => {
    const lease = { leased_by: randomUUID(), lease_until: new Date(Date.now() + 60_000) };
    const open = [
      await insert({ state: 'retrying', unknowns: 1 }),
      await insert({ state: 'leased', unknowns: 1, ...lease }),
      await insert({ state: 'sending', unknowns: 2, ...lease }),
      await insert({ state: 'dead', unknowns: 2, reason: 'no_answer', settled_at: new Date() }),
    ];
    await Promise.all(open.map((id) => hear('email.sent', tagged(id))));
    for (const id of open) {
      expect(await rowOf(id)).toMatchObject({ state: 'accepted', leased_by: null, lease_until: null, isSettled: true });
    }
    expect((await told()).map(([type]) => type)).toEqual(Array(4).fill('notification.accepted.v1'));
  });

  it('leaves what has another end, and what awaits its own first answer', async () => {
    const others: [string, Record<string, unknown>][] = [
      [await insert({ state: 'dead', reason: 'address_refused' }), { state: 'dead', reason: 'address_refused' }],
      [await insert({ state: 'skipped', reason: 'seen' }), { state: 'skipped', reason: 'seen' }],
      [await insert({ state: 'retrying', reason: 'throttled' }), { state: 'retrying', reason: 'throttled' }],
      [await insert({ state: 'sending' }), { state: 'sending', isSettled: false }],
    ];
    for (const [id] of others) await freeze(id);
    await Promise.all(others.map(([id]) => hear('email.delivered', tagged(id))));
    for (const [id, row] of others) {
      expect(await rowOf(id)).toMatchObject({ ...row, feedback: 'delivered', provider_ref: `mail-of-${id}` });
    }
    expect((await told()).map(([type]) => type)).toEqual(Array(4).fill('notification.delivered.v1'));
    expect(await frozenCount()).toBe(4);
    expect(await countedAs(metrics, 'accepted')).toBe(0);
  });

  it('a failure after it was taken counts as a bounce, with the provider’s word for it, and spares the address', async () => {
    const id = await insert({ state: 'unknown', unknowns: 1 });
    expect(await hear('email.failed', tagged(id, { failed: { reason: 'reached_daily_quota' } }))).toBe('failed');
    expect(await rowOf(id)).toMatchObject({ state: 'accepted', feedback: 'bounced' });
    expect(await told()).toEqual([
      ['notification.accepted.v1', id, undefined],
      ['notification.bounced.v1', id, 'reached_daily_quota'],
    ]);
    expect(await dataSource.query('select 1 from suppressions')).toEqual([]);
  });
});

describe('evidence and the dispatcher at the same moment', () => {
  const attempt = async (): Promise<LeasedDelivery> => {
    await insert();
    const [delivery] = (await claim(dataSource)) as [LeasedDelivery];
    await begin(dataSource, [delivery]);
    return delivery;
  };
  const late = (delivery: LeasedDelivery) =>
    dataSource.transaction(async (manager) => [
      ...(await markAccepted(manager, [{ delivery, ref: 'late' }])),
      ...(await markRetrying(manager, [{ delivery, reason: 'x', waitMs: 0 }])),
      ...(await markUnknown(manager, [{ delivery, reason: 'x', waitMs: 0 }])),
    ]);

  it('a second attempt that was claimed does not begin, and the late answer of one under way changes nothing', async () => {
    const first = await attempt();
    await dataSource.transaction((manager) => markUnknown(manager, [{ delivery: first, reason: 'x', waitMs: 0 }]));
    const [second] = (await claim(dataSource)) as [LeasedDelivery];
    await hear('email.sent', tagged(first.id));
    expect(await begin(dataSource, [second])).toEqual(new Set());
    expect(await late(second)).toEqual([]);
    expect(await rowOf(first.id)).toMatchObject({ state: 'accepted', provider_ref: `mail-of-${first.id}` });
    expect(await claim(dataSource)).toEqual([]);
  });

  it('a webhook that overtakes the first answer is remembered, and the answer settles', async () => {
    const delivery = await attempt();
    await hear('email.delivered', tagged(delivery.id));
    expect(await rowOf(delivery.id)).toMatchObject({ state: 'sending', feedback: 'delivered' });
    await dataSource.transaction((manager) => markAccepted(manager, [{ delivery, ref: 'e-1' }]));
    expect(await rowOf(delivery.id)).toMatchObject({ state: 'accepted', feedback: 'delivered', provider_ref: 'e-1' });
  });

  it('a webhook waits for the answer that is being written, and decides about what it finds then', async () => {
    const delivery = await attempt();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await markUnknown(runner.manager, [{ delivery, reason: 'x', waitMs: 0 }]);
    const heard = hear('email.sent', tagged(delivery.id));
    await untilWaiting(1);
    await runner.commitTransaction();
    await runner.release();
    await heard;
    expect(await rowOf(delivery.id)).toMatchObject({ state: 'accepted' });
  });
});

describe('webhooks that come again', () => {
  it('S26 the same sending is refused, also within one transaction, and nothing happens twice', async () => {
    const id = await insert({ state: 'accepted', provider_ref: 'e-1' });
    const stamp = { id: 'msg_same', timestamp: secondsNow() };
    const once = await Promise.all([1, 2, 3].map(() => hear('email.delivered', { email_id: 'e-1' }, stamp)));
    expect(once).toEqual(['delivered', 'refused', 'refused']);
    // The state is put back, so that an effect of the replay could be seen.
    await dataSource.query('update deliveries set feedback = null');
    expect(await hear('email.delivered', { email_id: 'e-1' }, stamp)).toBe('refused');
    const older = { ...stamp, timestamp: stamp.timestamp - 1 };
    expect(await hear('email.delivered', { email_id: 'e-1' }, older)).toBe('refused');
    expect(await rowOf(id)).toMatchObject({ feedback: null });
    expect(await told()).toHaveLength(1);
  });

  it('with a newer time, because our answer was lost, are taken without effect; that time cannot be replayed either', async () => {
    const id = await insert({ state: 'accepted', provider_ref: 'e-1' });
    const stamp = { id: 'msg_again', timestamp: secondsNow() };
    await hear('email.delivered', { email_id: 'e-1' }, stamp);
    await dataSource.query('update deliveries set feedback = null');
    const later = { ...stamp, timestamp: stamp.timestamp + 5 };
    expect(await hear('email.delivered', { email_id: 'e-1' }, later)).toBe('repeated');
    expect(await hear('email.delivered', { email_id: 'e-1' }, later)).toBe('refused');
    expect(await hear('email.delivered', { email_id: 'e-1' }, stamp)).toBe('refused');
    expect(await rowOf(id)).toMatchObject({ feedback: null });
  });

  it('are fresh when the transaction of the first was rolled back', async () => {
    const id = await insert({ state: 'accepted', provider_ref: 'e-1', ticket_number: 'not a number!' });
    const stamp = { id: 'msg_back', timestamp: secondsNow() };
    await expect(hear('email.delivered', { email_id: 'e-1' }, stamp)).rejects.toThrow();
    await dataSource.query(`update deliveries set ticket_number = 'N1'`);
    expect(await hear('email.delivered', { email_id: 'e-1' }, stamp)).toBe('delivered');
    expect(await rowOf(id)).toMatchObject({ feedback: 'delivered' });
  });

  it('are forgotten after a week', async () => {
    for (const [id, age] of [
      ['old', '8 days'],
      ['young', '6 days'],
    ]) {
      await dataSource.query(
        `insert into webhook_receipts (webhook_id, signed_at, received_at) values ($1, now(), now() - $2::interval)`,
        [id, age],
      );
    }
    const { signal } = new AbortController();
    expect(await purgeReceipts(dataSource, { signal })).toBe(1);
    expect(await dataSource.query('select webhook_id from webhook_receipts')).toEqual([{ webhook_id: 'young' }]);
    await dataSource.query(
      `insert into webhook_receipts (webhook_id, signed_at, received_at)
       select 'old-' || n, now(), now() - interval '8 days' from generate_series(1, 10001) n`,
    );
    expect(await purgeReceipts(dataSource, { signal: AbortSignal.abort() })).toBe(0);
    expect(await purgeReceipts(dataSource, { signal })).toBe(10_001);
  });
});

describe('feedback', () => {
  it('is told once per change, and not at all when it takes its time', async () => {
    const id = await insert({ state: 'accepted', provider_ref: 'e-1' });
    for (const type of ['delivery_delayed', 'delivered', 'delivered', 'delivery_delayed', 'bounced', 'delivered']) {
      await hear(`email.${type}`, { email_id: 'e-1', ...permanent });
    }
    await hear('email.complained', { email_id: 'e-1' });
    await hear('email.bounced', { email_id: 'e-1', ...permanent });
    expect(await told()).toEqual([
      ['notification.delivered.v1', id, undefined],
      ['notification.bounced.v1', id, 'permanent'],
      ['notification.complained.v1', id, undefined],
    ]);
    expect(await rowOf(id)).toMatchObject({ feedback: 'complained' });
  });

  it('suppresses the delivery’s own address, whatever the webhook names; the first reason stays', async () => {
    const id = await insert({ state: 'accepted', provider_ref: 'e-1', endpoint: 'Jana@Example.COM' });
    const bounce = { type: 'Permanent', subType: 'General', message: 'jana@example.com does not exist' };
    await hear('email.bounced', { email_id: 'e-1', to: ['victim@example.com'], bounce });
    await hear('email.complained', { email_id: 'e-1', to: ['victim@example.com'] });
    expect(await dataSource.query('select endpoint, reason, delivery_id from suppressions')).toEqual([
      { endpoint: 'jana@example.com', reason: 'bounced: Permanent General <address> does not exist', delivery_id: id },
    ]);
  });

  it('S40 a complaint about the mail of one system suppresses the address for that system, in whatever transaction', async () => {
    for (const system of ['crm', 'erp', 'bellhop'])
      await insert({ state: 'accepted', provider_ref: system, system, endpoint: 'jana@example.com' });
    const systems = () => dataSource.query('select systems from suppressions');
    await hear('email.complained', { email_id: 'crm' });
    expect(await systems()).toEqual([{ systems: ['crm'] }]);
    await Promise.all(['crm', 'erp'].map((email_id) => hear('email.complained', { email_id })));
    expect(await systems()).toEqual([{ systems: ['crm', 'erp'] }]);
    await Promise.all([
      hear('email.complained', { email_id: 'bellhop' }),
      hear('email.bounced', { email_id: 'bellhop', ...permanent }),
    ]);
    expect(await systems()).toEqual([{ systems: null }]);
  });

  it('about two deliveries to one address in one transaction suppresses it once', async () => {
    await insert({ state: 'accepted', provider_ref: 'e-1', endpoint: 'jana@example.com' });
    await insert({ state: 'accepted', provider_ref: 'e-2', endpoint: 'JANA@example.com' });
    await Promise.all(['e-1', 'e-2'].map((email_id) => hear('email.complained', { email_id })));
    expect(await dataSource.query('select endpoint, reason from suppressions')).toEqual([
      { endpoint: 'jana@example.com', reason: 'complained' },
    ]);
  });

  it('keeps a delivery whose event cannot be written from none of its neighbours', async () => {
    const bad = await insert({ state: 'accepted', provider_ref: 'bad', ticket_number: 'not a number!' });
    const good = await insert({ state: 'accepted', provider_ref: 'good' });
    const [refused, taken] = await Promise.allSettled(
      ['bad', 'good'].map((email_id) => hear('email.delivered', { email_id })),
    );
    expect([refused?.status, taken?.status]).toEqual(['rejected', 'fulfilled']);
    expect(await rowOf(good)).toMatchObject({ feedback: 'delivered' });
    expect(await rowOf(bad)).toMatchObject({ feedback: null });
  });
});

describe('a thousand webhooks at once', () => {
  it('share a few transactions', async () => {
    await insertTaken(dataSource, 1_000);
    const all = Array.from({ length: 1_000 }, (_, index) => `e-${index + 1}`);
    await Promise.all(all.map((email_id) => hear('email.delivered', { email_id })));
    const counts = await dataSource.query(
      `select (select count(*)::int from deliveries where feedback = 'delivered') as deliveries,
         (select count(*)::int from outbox) as events, (select count(*)::int from webhook_receipts) as receipts,
         (select count(distinct xmin::text)::int from webhook_receipts) as transactions`,
    );
    expect(counts).toMatchObject([{ deliveries: 1_000, events: 1_000, receipts: 1_000 }]);
    // Four, and as many more as a busy machine begins before 250 are there.
    expect(counts[0].transactions).toBeLessThanOrEqual(10);
  });

  it('heard by two processes in opposite order never wait for each other in a circle', async () => {
    await insertTaken(dataSource, 250);
    const database = readyDatabase(dataSource);
    const other = new FeedbackService(database, new DispatchMetrics(new Metrics('notifications'), database), [
      emailOver(),
    ]);
    const refs = Array.from({ length: 250 }, (_, index) => `e-${index + 1}`);
    const bounced = (to: FeedbackService, list: readonly string[], from: string) =>
      list.map((email_id) =>
        to.receive({
          stamp: { id: `msg_${from}_${email_id}`, timestamp: secondsNow() },
          report: readReport({ type: 'email.bounced', data: { email_id, ...permanent } }),
        }),
      );
    // Held in the middle, so that each would have one half if they took the rows as they came.
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select 1 from deliveries where provider_ref = 'e-125' for update`);
    const answers = Promise.all([...bounced(service, refs, 'a'), ...bounced(other, [...refs].reverse(), 'b')]);
    await untilWaiting(2);
    await runner.rollbackTransaction();
    await runner.release();
    expect(new Set(await answers)).toEqual(new Set(['bounced']));
    expect(await dataSource.query(`select count(*)::int as count from outbox`)).toEqual([{ count: 250 }]);
    expect(await dataSource.query(`select count(*)::int as count from suppressions`)).toEqual([{ count: 250 }]);
  });
});
