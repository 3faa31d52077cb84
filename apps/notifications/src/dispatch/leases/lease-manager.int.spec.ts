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
  emailOver,
  insertDelivery,
  outboxEvents,
  readyDatabase,
  settingsOf,
} from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { DispatchMetrics } from '../dispatch-metrics.js';
import { LeaseManager } from './lease-manager.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let metrics: Metrics;
let leases: LeaseManager;

beforeAll(async () => {
  Logger.overrideLogger(false);
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  metrics = new Metrics('notifications');
  const database = readyDatabase(dataSource);
  leases = new LeaseManager(emailOver(), {
    database,
    metrics: new DispatchMetrics(metrics, database),
    settings: settingsOf({ LEASE_SECONDS: '2' }),
  });
});
afterEach(async () => {
  await leases.stop();
  await dataSource.query('truncate deliveries, told, frozen_requests, outbox');
});

async function claimed(...names: string[]): Promise<LeasedDelivery[]> {
  for (const name of names) await insertDelivery(dataSource, { recipient_key: name });
  const leased = await claim(dataSource);
  return names.map((name) => leased.find(({ recipientKey }) => recipientKey === name) as LeasedDelivery);
}
const leaseOf = async ({ id }: LeasedDelivery): Promise<Date> =>
  (await dataSource.query('select lease_until from deliveries where id = $1', [id]))[0].lease_until;
const statesOf = async () => {
  const rows: { recipient_key: string; state: string }[] = await dataSource.query(
    'select recipient_key, state from deliveries',
  );
  return Object.fromEntries(rows.map((row) => [row.recipient_key, row.state]));
};

describe('a lease manager', () => {
  it('renews what it still holds, neither what it released nor what another one holds', async () => {
    const [mine, sent, released, taken] = (await claimed('mine', 'sent', 'released', 'taken')) as [
      LeasedDelivery,
      LeasedDelivery,
      LeasedDelivery,
      LeasedDelivery,
    ];
    await begin(dataSource, [sent]);
    await dataSource.query(`update deliveries set fence = fence + 1 where recipient_key = 'taken'`);
    await dataSource.query(`update deliveries set lease_until = now() + interval '20 seconds'`);
    const before = await leaseOf(mine);
    leases.hold([mine, sent, released, taken], performance.now());
    leases.release([released]);
    expect(leases.size).toBe(3);
    leases.start();
    // A lease of 2 s from now ends before the 20 s that the rows were given.
    await waitFor(async () => (await leaseOf(mine)) < before && (await leaseOf(sent)) < before);
    expect([await leaseOf(released), await leaseOf(taken)]).toEqual([before, before]);
    await waitFor(() => leases.isLost(taken), { what: 'the lease that was not renewed to be lost' });
    expect([mine, sent].map((delivery) => leases.isLost(delivery))).toEqual([false, false]);
  });

  it('trusts no lease after its end, and none that it released', async () => {
    const [one] = (await claimed('one')) as [LeasedDelivery];
    expect([leases.has(one), leases.isLost(one)]).toEqual([false, true]);
    leases.hold([one], performance.now());
    expect([leases.has(one), leases.isLost(one)]).toEqual([true, false]);
    leases.hold([one], performance.now() - 2_001);
    expect([leases.has(one), leases.isLost(one)]).toEqual([true, true]);
    const again = { ...one, fence: one.fence + 1 };
    leases.hold([again], performance.now());
    leases.release([one]);
    expect([leases.has(one), leases.has(again), leases.isLost(one)]).toEqual([false, true, true]);
  });

  it('ends expired leases of others, publishes what is dead, and leaves current leases alone', async () => {
    const [leased, sent, twice, alive] = (await claimed('leased', 'sent', 'twice', 'alive')) as [
      LeasedDelivery,
      LeasedDelivery,
      LeasedDelivery,
      LeasedDelivery,
    ];
    await begin(dataSource, [sent, twice, alive]);
    await dataSource.query(`update deliveries set unknowns = 1 where recipient_key = 'twice'`);
    await dataSource.query(
      `update deliveries set lease_until = now() - interval '1 second' where recipient_key <> 'alive'`,
    );
    leases.start();
    await waitFor(async () => (await statesOf()).leased !== 'leased', { what: 'a sweep' });
    expect(await statesOf()).toEqual({ leased: 'retrying', sent: 'unknown', twice: 'dead', alive: 'sending' });
    const published = await outboxEvents(dataSource);
    expect(published).toEqual([
      expect.objectContaining({
        type: 'notification.dead.v1',
        data: expect.objectContaining({ deliveryId: twice.id, reason: 'no_answer', eventIds: ['e-1'] }),
      }),
    ]);
    const frozen: { batch_id: string }[] = await dataSource.query('select batch_id from frozen_requests');
    expect(frozen.map((row) => row.batch_id).sort()).toEqual([sent.id, alive.id].sort());
    await leases.stop();
    const counts = ['retrying', 'unknown', 'dead', 'sending'].map((state) => countedAs(metrics, state));
    expect(await Promise.all(counts)).toEqual([1, 1, 1, 0]);
    expect(leased.fence).toBe(1);
  });

  it('ends the other leases when an event about one of them cannot be written', async () => {
    await claimed('odd', 'next');
    // An invalid ticket number: intake refuses it, so only a defect can store it.
    await dataSource.query(
      `update deliveries set state = 'sending', unknowns = 1, ticket_number = 'not a number!' where recipient_key = 'odd'`,
    );
    await dataSource.query(`update deliveries set lease_until = now() - interval '1 second'`);
    leases.start();
    await waitFor(async () => (await statesOf()).next === 'retrying', { what: 'a sweep' });
    expect(await statesOf()).toEqual({ odd: 'dead', next: 'retrying' });
    expect(await outboxEvents(dataSource)).toEqual([]);
  });
});
