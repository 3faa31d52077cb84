import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FeedbackBench, permanent, tagged } from '../../test/feedback-bench.js';
import { insertTaken, secondsNow } from '../../test/webhooks.js';
import { readReport } from '../channels/email/resend/report.js';
import type { FeedbackService } from './feedback.service.js';
import { purgeReceipts } from './purge-receipts.js';

const bench = new FeedbackBench();

describe('the delivery that a webhook is about', () => {
  it('is the one of the mail that it names: a mail from before a replay is another one', async () => {
    const id = await bench.insert({ state: 'unknown', unknowns: 1, generation: 1 });
    expect(await bench.receive('email.bounced', tagged(id, permanent))).toBe('foreign');
    expect(await bench.rowOf(id)).toMatchObject({ state: 'unknown', provider_ref: null, feedback: null });
    expect(await bench.query('select 1 from suppressions')).toEqual([]);
    expect(
      await bench.receive('email.delivered', { email_id: 'second', tags: { delivery: id, generation: '1' } }),
    ).toBe('delivered');
    expect(await bench.rowOf(id)).toMatchObject({ state: 'accepted', provider_ref: 'second' });
  });

  it('is found by the provider’s id of the mail, else by our tag', async () => {
    const byRef = await bench.insert({ state: 'accepted', provider_ref: 'e-1' });
    const byTag = await bench.insert({ state: 'accepted', provider_ref: 'e-2' });
    expect(await bench.receive('email.delivered', { email_id: 'e-1', tags: { delivery: byTag } })).toBe('delivered');
    expect(await bench.rowOf(byRef)).toMatchObject({ state: 'accepted', feedback: 'delivered', hasTime: true });
    expect(await bench.rowOf(byTag)).toMatchObject({ feedback: null });
    expect(await bench.receive('email.bounced', { email_id: 'e-3', tags: [{ name: 'delivery', value: byTag }] })).toBe(
      'bounced',
    );
    expect(await bench.rowOf(byTag)).toMatchObject({ feedback: 'bounced', provider_ref: 'e-2' });
  });

  it('does not exist when another app uses the account: counted as foreign, without effect', async () => {
    const own = await bench.insert({ state: 'unknown', unknowns: 1 });
    for (const data of [{ email_id: 'e-9' }, { email_id: 'e-9', tags: { delivery: randomUUID() } }, {}, { tags: 7 }]) {
      expect(await bench.receive('email.bounced', { ...data, ...permanent })).toBe('foreign');
    }
    expect(await bench.rowOf(own)).toMatchObject({ state: 'unknown', feedback: null });
    expect(await bench.events()).toEqual([]);
    expect(await bench.query('select 1 from suppressions')).toEqual([]);
  });

  it('is not looked up for a webhook of a type that we do not use', async () => {
    const id = await bench.insert({ state: 'unknown', unknowns: 1 });
    for (const type of ['email.opened', 'email.clicked', 'domain.created', 'something.new']) {
      expect(await bench.receive(type, tagged(id))).toBe('ignored');
    }
    expect(await bench.rowOf(id)).toMatchObject({ state: 'unknown', feedback: null });
  });
});

describe('webhooks that come again', () => {
  it('S26 are refused when they have the same time, also within one transaction, and have their effect once', async () => {
    const id = await bench.insert({ state: 'accepted', provider_ref: 'e-1' });
    const stamp = { id: 'msg_same', timestamp: secondsNow() };
    const once = await Promise.all([1, 2, 3].map(() => bench.receive('email.delivered', { email_id: 'e-1' }, stamp)));
    expect(once).toEqual(['delivered', 'refused', 'refused']);
    // The state is reset, so that an effect of the replay would be visible.
    await bench.query('update deliveries set feedback = null');
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, stamp)).toBe('refused');
    const older = { ...stamp, timestamp: stamp.timestamp - 1 };
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, older)).toBe('refused');
    expect(await bench.rowOf(id)).toMatchObject({ feedback: null });
    expect(await bench.events()).toHaveLength(1);
  });

  it('with a newer time, because our answer was lost, are accepted without effect, and cannot be replayed either', async () => {
    const id = await bench.insert({ state: 'accepted', provider_ref: 'e-1' });
    const stamp = { id: 'msg_again', timestamp: secondsNow() };
    await bench.receive('email.delivered', { email_id: 'e-1' }, stamp);
    await bench.query('update deliveries set feedback = null');
    const later = { ...stamp, timestamp: stamp.timestamp + 5 };
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, later)).toBe('repeated');
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, later)).toBe('refused');
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, stamp)).toBe('refused');
    expect(await bench.rowOf(id)).toMatchObject({ feedback: null });
  });

  it('are fresh when the transaction of the first was rolled back', async () => {
    const id = await bench.insert({ state: 'accepted', provider_ref: 'e-1', ticket_number: 'not a number!' });
    const stamp = { id: 'msg_back', timestamp: secondsNow() };
    await expect(bench.receive('email.delivered', { email_id: 'e-1' }, stamp)).rejects.toThrow();
    await bench.query(`update deliveries set ticket_number = 'N1'`);
    expect(await bench.receive('email.delivered', { email_id: 'e-1' }, stamp)).toBe('delivered');
    expect(await bench.rowOf(id)).toMatchObject({ feedback: 'delivered' });
  });

  it('have receipts that are deleted after a week', async () => {
    for (const [id, age] of [
      ['old', '8 days'],
      ['young', '6 days'],
    ]) {
      await bench.query(
        `insert into webhook_receipts (webhook_id, signed_at, received_at) values ($1, now(), now() - $2::interval)`,
        [id, age],
      );
    }
    const { signal } = new AbortController();
    expect(await purgeReceipts(bench.dataSource, { signal })).toBe(1);
    expect(await bench.query('select webhook_id from webhook_receipts')).toEqual([{ webhook_id: 'young' }]);
    await bench.query(
      `insert into webhook_receipts (webhook_id, signed_at, received_at)
       select 'old-' || n, now(), now() - interval '8 days' from generate_series(1, 10001) n`,
    );
    expect(await purgeReceipts(bench.dataSource, { signal: AbortSignal.abort() })).toBe(0);
    expect(await purgeReceipts(bench.dataSource, { signal })).toBe(10_001);
  });
});

describe('feedback', () => {
  it('is published once per change, and not at all for a delay', async () => {
    const id = await bench.insert({ state: 'accepted', provider_ref: 'e-1' });
    for (const type of ['delivery_delayed', 'delivered', 'delivered', 'delivery_delayed', 'bounced', 'delivered']) {
      await bench.receive(`email.${type}`, { email_id: 'e-1', ...permanent });
    }
    await bench.receive('email.complained', { email_id: 'e-1' });
    await bench.receive('email.bounced', { email_id: 'e-1', ...permanent });
    expect(await bench.events()).toEqual([
      ['notification.delivered.v1', id, undefined],
      ['notification.bounced.v1', id, 'permanent'],
      ['notification.complained.v1', id, undefined],
    ]);
    expect(await bench.rowOf(id)).toMatchObject({ feedback: 'complained' });
  });

  it('suppresses the delivery’s own address, not the one that the webhook names; the first reason stays', async () => {
    const id = await bench.insert({ state: 'accepted', provider_ref: 'e-1', endpoint: 'Jana@Example.COM' });
    const bounce = { type: 'Permanent', subType: 'General', message: 'jana@example.com does not exist' };
    await bench.receive('email.bounced', { email_id: 'e-1', to: ['victim@example.com'], bounce });
    await bench.receive('email.complained', { email_id: 'e-1', to: ['victim@example.com'] });
    expect(await bench.query('select endpoint, reason, delivery_id from suppressions')).toEqual([
      { endpoint: 'jana@example.com', reason: 'bounced: Permanent General <address> does not exist', delivery_id: id },
    ]);
  });

  it('S40 of a complaint about the mail of one system suppresses the address for that system only, in any transaction', async () => {
    for (const system of ['crm', 'erp', 'bellhop'])
      await bench.insert({ state: 'accepted', provider_ref: system, system, endpoint: 'jana@example.com' });
    const systems = () => bench.query('select systems from suppressions');
    await bench.receive('email.complained', { email_id: 'crm' });
    expect(await systems()).toEqual([{ systems: ['crm'] }]);
    await Promise.all(['crm', 'erp'].map((email_id) => bench.receive('email.complained', { email_id })));
    expect(await systems()).toEqual([{ systems: ['crm', 'erp'] }]);
    await Promise.all([
      bench.receive('email.complained', { email_id: 'bellhop' }),
      bench.receive('email.bounced', { email_id: 'bellhop', ...permanent }),
    ]);
    expect(await systems()).toEqual([{ systems: null }]);
  });

  it('about two deliveries to one address in one transaction suppresses it once', async () => {
    await bench.insert({ state: 'accepted', provider_ref: 'e-1', endpoint: 'jana@example.com' });
    await bench.insert({ state: 'accepted', provider_ref: 'e-2', endpoint: 'JANA@example.com' });
    await Promise.all(['e-1', 'e-2'].map((email_id) => bench.receive('email.complained', { email_id })));
    expect(await bench.query('select endpoint, reason from suppressions')).toEqual([
      { endpoint: 'jana@example.com', reason: 'complained' },
    ]);
  });

  it('is recorded for the others of a batch when the event of one cannot be written', async () => {
    const bad = await bench.insert({ state: 'accepted', provider_ref: 'bad', ticket_number: 'not a number!' });
    const good = await bench.insert({ state: 'accepted', provider_ref: 'good' });
    const [refused, taken] = await Promise.allSettled(
      ['bad', 'good'].map((email_id) => bench.receive('email.delivered', { email_id })),
    );
    expect([refused?.status, taken?.status]).toEqual(['rejected', 'fulfilled']);
    expect(await bench.rowOf(good)).toMatchObject({ feedback: 'delivered' });
    expect(await bench.rowOf(bad)).toMatchObject({ feedback: null });
  });
});

describe('a thousand webhooks at once', () => {
  it('share a few transactions', async () => {
    await insertTaken(bench.dataSource, 1_000);
    const all = Array.from({ length: 1_000 }, (_, index) => `e-${index + 1}`);
    await Promise.all(all.map((email_id) => bench.receive('email.delivered', { email_id })));
    const counts = await bench.query(
      `select (select count(*)::int from deliveries where feedback = 'delivered') as deliveries,
         (select count(*)::int from outbox) as events, (select count(*)::int from webhook_receipts) as receipts,
         (select count(distinct xmin::text)::int from webhook_receipts) as transactions`,
    );
    expect(counts).toMatchObject([{ deliveries: 1_000, events: 1_000, receipts: 1_000 }]);
    // Four, and a few more if a busy machine begins one before 250 webhooks are there.
    expect(counts[0].transactions).toBeLessThanOrEqual(10);
  });

  it('received by two processes in opposite order do not deadlock', async () => {
    await insertTaken(bench.dataSource, 250);
    const other = bench.serviceOver();
    const refs = Array.from({ length: 250 }, (_, index) => `e-${index + 1}`);
    const bounced = (to: FeedbackService, list: readonly string[], from: string) =>
      list.map((email_id) =>
        to.receive({
          stamp: { id: `msg_${from}_${email_id}`, timestamp: secondsNow() },
          report: readReport({ type: 'email.bounced', data: { email_id, ...permanent } }),
        }),
      );
    // Locked in the middle, so that each would hold one half if rows were locked in the order of arrival.
    const runner = bench.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select 1 from deliveries where provider_ref = 'e-125' for update`);
    const answers = Promise.all([...bounced(bench.service, refs, 'a'), ...bounced(other, [...refs].reverse(), 'b')]);
    await bench.untilWaiting(2);
    await runner.rollbackTransaction();
    await runner.release();
    expect(new Set(await answers)).toEqual(new Set(['bounced']));
    expect(await bench.query(`select count(*)::int as count from outbox`)).toEqual([{ count: 250 }]);
    expect(await bench.query(`select count(*)::int as count from suppressions`)).toEqual([{ count: 250 }]);
  });
});
