import { Metrics } from '@bellhop/http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import {
  begin,
  claim,
  countedAs,
  emailOver,
  insertDelivery,
  nobodyErased,
  outboxEvents,
  readyDatabase,
} from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { DispatchMetrics } from '../dispatch-metrics.js';
import { markRetrying } from '../outcomes/mark-retrying.js';
import { loadPreSendState } from './load-pre-send-state.js';
import { contentOf, TeamDigests } from './team-digests.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let metrics: Metrics;
let team: TeamDigests;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  metrics = new Metrics('notifications');
  team = new TeamDigests(new DispatchMetrics(metrics, readyDatabase(dataSource)));
});
afterEach(() => dataSource.query('truncate deliveries, told, frozen_requests, outbox'));

const email = emailOver();
const later = () => new Date(Date.now() + 60_000);
let tickets = 0;
/** A delivery about a new ticket, due by default. */
const mail = (columns: Record<string, unknown> = {}) => {
  tickets += 1;
  return insertDelivery(dataSource, {
    system: 'bellhop',
    ticket_id: `T-${tickets}`,
    ticket_number: `N${tickets}`,
    recipient_key: 'bellhop:team',
    recipient_role: 'team',
    recipient_kind: 'agent',
    recipient_id: null,
    endpoint: 'team@example.test',
    template: 'created',
    event_ids: [`e-${tickets}`],
    ...columns,
  });
};
const mails = (count: number, columns: Record<string, unknown> = {}) =>
  Promise.all(Array.from({ length: count }, () => mail(columns)));
const fold = async (claimed: readonly LeasedDelivery[]) =>
  team.merge(
    { channel: email, dataSource, claimed },
    await loadPreSendState(dataSource, email, claimed, nobodyErased()),
  );
const rowOf = async (id: string) => {
  const [row] = await dataSource.query(
    `select state, reason, template, replies, event_ids, folded_into, leased_by from deliveries where id = $1`,
    [id],
  );
  return row;
};
const statesOf = async () => {
  const rows: { state: string; count: number }[] = await dataSource.query(
    'select state, count(*)::int as count from deliveries group by state',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};

describe('mails that wait for the team', () => {
  it('become one digest when there are four hundred, due or not, with all tickets', async () => {
    await mails(60);
    await mails(300, { due_at: later() });
    await mails(40, { state: 'retrying', due_at: later(), reason: 'ceiling' });
    const claimed = await claim(dataSource);
    expect(claimed).toHaveLength(60);
    const one = await fold(claimed);
    expect(one).toMatchObject({ tickets: 400, leader: { id: claimed[0]?.id } });
    expect(one?.merged.size).toBe(59);
    expect(await statesOf()).toEqual({ leased: 1, skipped: 399 });
    expect(one && contentOf(one)).toEqual({ template: 'tickets_waiting', at: null, count: 400 });
    const published = await outboxEvents(dataSource);
    expect(published.map(({ type, data }) => `${type} ${data.reason}`)).toEqual(
      Array(399).fill('notification.skipped.v1 folded'),
    );
    expect(new Set(published.map(({ data }) => data.deliveryId)).size).toBe(399);
    expect(await countedAs(metrics, 'skipped')).toBe(399);
    // An older fact that comes late is overtaken.
    expect(await dataSource.query('select count(*)::int as count from told where version = 3')).toEqual([
      { count: 400 },
    ]);
  });

  it.each([
    [3, 0, false],
    [4, 0, true],
    [1, 2, false],
    [1, 3, true],
    [2, 2, true],
  ])('are one each while they are few: %i due and %i more', async (due, waiting, isFolded) => {
    await mails(due);
    await mails(waiting, { due_at: later() });
    expect((await fold(await claim(dataSource))) !== null).toBe(isFolded);
    expect(await statesOf()).toEqual(
      isFolded ? { leased: 1, skipped: due + waiting - 1 } : { leased: due, ...(waiting && { pending: waiting }) },
    );
  });

  it('name the digest that they were merged into, which names their events', async () => {
    const ids = await mails(5);
    const claimed = await claim(dataSource);
    await fold(claimed);
    const [leader, ...others] = claimed as [LeasedDelivery, ...LeasedDelivery[]];
    const digest = await rowOf(leader.id);
    expect(digest).toMatchObject({ state: 'leased', template: 'tickets_waiting', replies: 5, folded_into: null });
    expect(digest.event_ids.toSorted()).toEqual(claimed.flatMap(({ eventIds }) => eventIds).toSorted());
    for (const { id } of others)
      expect(await rowOf(id)).toMatchObject({
        state: 'skipped',
        reason: 'folded',
        folded_into: leader.id,
        leased_by: null,
      });
    expect(ids).toHaveLength(5);
  });

  it('are merged again when a digest failed, and none is lost', async () => {
    await mails(10);
    const first = await claim(dataSource);
    const one = await fold(first);
    if (!one) throw new Error('nothing was folded');
    await begin(dataSource, [one.leader]);
    await markRetrying(dataSource.manager, [{ delivery: one.leader, reason: 'busy', waitMs: 60_000 }]);
    await mails(3);
    const second = await claim(dataSource);
    expect(second).toHaveLength(3);
    expect(await fold(second)).toMatchObject({ tickets: 13 });
    expect(await statesOf()).toEqual({ leased: 1, skipped: 12 });
    expect(await rowOf(one.leader.id)).toMatchObject({ state: 'skipped', reason: 'folded' });
    expect(await dataSource.query('select 1 from frozen_requests')).toEqual([]);
  });

  it('are not merged if they may have arrived, are frozen, are held by another dispatcher, or are for people', async () => {
    const unknown = await mail({ state: 'unknown', unknowns: 1, due_at: later() });
    const again = await mail({ state: 'retrying', unknowns: 1, due_at: later() });
    const person = await mail({ recipient_key: 'bellhop:agent:a', recipient_role: 'assignee', due_at: later() });
    const held = await mail({ state: 'leased', lease_until: later(), due_at: later() });
    await mails(4);
    const claimed = await claim(dataSource);
    expect(await fold(claimed)).toMatchObject({ tickets: 4 });
    for (const [id, state] of [
      [unknown, 'unknown'],
      [again, 'retrying'],
      [person, 'pending'],
      [held, 'leased'],
    ] as const)
      expect(await rowOf(id)).toMatchObject({ state, folded_into: null });
  });

  it('are not merged into a frozen request', async () => {
    await mails(4);
    const claimed = await claim(dataSource);
    await begin(dataSource, claimed);
    await markRetrying(
      dataSource.manager,
      claimed.map((delivery) => ({ delivery, reason: 'busy', waitMs: 0 })),
    );
    expect(await fold(await claim(dataSource))).toBeNull();
  });

  it('are not merged by a dispatcher that has lost the lease', async () => {
    await mails(5);
    const claimed = await claim(dataSource);
    await dataSource.query('update deliveries set fence = fence + 1');
    expect(await fold(claimed)).toBeNull();
    expect(await statesOf()).toEqual({ leased: 5 });
  });

  it('wait when five were sent in the last minute', async () => {
    for (const id of await mails(5, { state: 'accepted' }))
      await dataSource.query(`update deliveries set attempted_at = now(), ceiling_key = endpoint where id = $1`, [id]);
    await mails(20);
    expect(await fold(await claim(dataSource))).toBeNull();
    expect(await statesOf()).toEqual({ accepted: 5, leased: 20 });
  });

  it('are sent by themselves when merging them fails', async () => {
    await mails(3);
    await mail({ ticket_number: 'not a number!' });
    expect(await fold(await claim(dataSource))).toBeNull();
    expect(await statesOf()).toEqual({ leased: 4 });
  });

  it('are sent once each by two replicas at once', async () => {
    await mails(80);
    await mails(200, { due_at: later() });
    const [one, two] = [await claim(dataSource), await claim(dataSource)];
    expect(two).toEqual([]);
    const half = [one.slice(0, 40), one.slice(40)];
    const both = await Promise.all(half.map(fold));
    expect(both.reduce((sum, each) => sum + (each?.tickets ?? 0), 0)).toBe(280);
    expect(await statesOf()).toEqual({ leased: 2, skipped: 278 });
  });
});
