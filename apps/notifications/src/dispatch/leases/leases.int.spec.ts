import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { begin as beginEach, emailOver } from '../../../test/delivery-rows.js';
import type { LeasedDelivery } from '../delivery.js';
import { markAccepted } from '../outcomes/mark-accepted.js';
import { markRetrying } from '../outcomes/mark-retrying.js';
import { markSettled } from '../outcomes/mark-settled.js';
import { markUnknown } from '../outcomes/mark-unknown.js';
import { claimDue } from './claim-due.js';
import { expireLeases, MAX_UNKNOWNS } from './expire-leases.js';
import { renewLeases } from './renew-leases.js';

const LEASE_MS = 30_000;
const OWNER = '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, told, frozen_requests'));

/** Due deliveries, one per person. */
async function insert(
  count: number,
  columns: { state?: string; priority?: number; due?: string; prefix?: string } = {},
) {
  const { state = 'pending', priority = 2, due = '-1 second', prefix = 'p' } = columns;
  await dataSource.query(
    `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind,
       endpoint, channel, template, template_version, template_rank, replies, event_ids, priority, is_immediate, state,
       first_at, due_at)
     select uuidv7(), 'crm', 'T', 'N', 3, $5 || n, 'requester', 'user', 'a@example.com', 'email', 'replied', 3, 1, 1,
       '{e}', $2, false, $3, now(), now() + $4::interval from generate_series(1, $1::int) n`,
    [count, priority, state, due, prefix],
  );
}

const claim = (limit = 50) =>
  claimDue(dataSource, { channel: emailOver(), limit, requestedLimit: limit, owner: OWNER, leaseMs: LEASE_MS });
const begin = (claimed: LeasedDelivery[]) => beginEach(dataSource, claimed);
const states = async () =>
  (await dataSource.query('select state from deliveries order by id')).map(({ state }: { state: string }) => state);
const expire = () => dataSource.query(`update deliveries set lease_until = now() - interval '1 second'`);

describe('claiming', () => {
  it('gives each due delivery to one of many dispatchers', async () => {
    await insert(200);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(40)));
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(200);
    expect(ids).toHaveLength(200);
  });

  it('takes urgent ones first, then the oldest, and nothing that is not due', async () => {
    await insert(1, { prefix: 'usual-new', due: '-1 minute' });
    await insert(1, { prefix: 'usual-old', due: '-2 minutes' });
    await insert(1, { prefix: 'urgent', priority: 1, due: '-1 second' });
    await insert(1, { prefix: 'later', priority: 1, due: '1 minute' });
    expect((await claim()).map(({ recipientKey }) => recipientKey)).toEqual(['urgent1', 'usual-old1', 'usual-new1']);
  });

  it('takes what guests have requested beyond the limit, since a part of the capacity is kept for that', async () => {
    await insert(3);
    await dataSource.query(
      `update deliveries set system = $1, priority = 0, request_id = gen_random_uuid() where recipient_key in ('p1', 'p2')`,
      [OWN_SYSTEM],
    );
    const limits = { limit: 0, requestedLimit: 5, owner: OWNER, leaseMs: LEASE_MS };
    const claimed = await claimDue(dataSource, { channel: emailOver(), ...limits });
    expect(claimed.map(({ recipientKey }) => recipientKey).sort()).toEqual(['p1', 'p2']);
    expect((await claim()).map(({ recipientKey }) => recipientKey)).toEqual(['p3']);
  });

  it('raises the notified watermark, and never lowers it', async () => {
    await insert(1);
    await dataSource.query(`insert into told values ('p1', 'crm', 'T', 'email', 7)`);
    await claim();
    expect(await dataSource.query('select version::int from told')).toEqual([{ version: 7 }]);
    await insert(1, { prefix: 'q' });
    await claim();
    expect(await dataSource.query(`select version::int from told where recipient_key = 'q1'`)).toEqual([
      { version: 3 },
    ]);
  });

  it('returns the batch of the last attempt', async () => {
    await insert(1);
    const first = await claim();
    expect(first[0]).toMatchObject({ batchId: null, isAlone: false, tries: 0 });
    await begin(first);
    await markRetrying(dataSource.manager, [{ delivery: first[0]!, reason: 'x', waitMs: -1, isAlone: true }]);
    const [again] = await claim();
    expect(again).toMatchObject({ batchId: first[0]?.id, isAlone: true, tries: 1 });
  });

  it('does not count an attempt that failed for a reason outside the delivery', async () => {
    await insert(1);
    const first = await claim();
    await begin(first);
    await markRetrying(dataSource.manager, [{ delivery: first[0]!, reason: 'throttled', waitMs: -1, isFree: true }]);
    const second = await claim();
    expect(second[0]?.tries).toBe(0);
    // Released before anything was sent: no attempt was counted.
    await markRetrying(dataSource.manager, [{ delivery: second[0]!, reason: 'given_back', waitMs: -1, isFree: true }]);
    expect((await claim())[0]?.tries).toBe(0);
  });
});

describe('the fence', () => {
  it('makes a dispatcher powerless that lost its lease', async () => {
    await insert(1);
    const [slow] = (await claim()) as [LeasedDelivery];
    await expire();
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 1_000, maxUnknowns: MAX_UNKNOWNS }),
    );
    const [present] = (await claim()) as [LeasedDelivery];
    expect(present.fence).toBe(slow.fence + 1);
    expect(await begin([slow])).toEqual(new Set());
    expect(await renewLeases(dataSource, [slow], LEASE_MS)).toEqual(new Set());
    await dataSource.transaction(async (manager) => {
      await markRetrying(manager, [{ delivery: slow, reason: 'x', waitMs: 0 }]);
      await markUnknown(manager, [{ delivery: slow, reason: 'x', waitMs: 0 }]);
      expect(await markAccepted(manager, [{ delivery: slow, ref: 'x' }])).toEqual(new Set());
      expect(await markSettled(manager, 'dead', [{ delivery: slow, reason: 'x' }])).toEqual(new Set());
    });
    expect(await states()).toEqual(['leased']);
    expect(await begin([present])).toEqual(new Set([present.id]));
  });
});

describe('a lease that runs out', () => {
  it('leads from leased to retrying, due at once', async () => {
    await insert(1);
    await claim();
    await expire();
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 60_000, maxUnknowns: MAX_UNKNOWNS }),
    );
    expect(await states()).toEqual(['retrying']);
    expect(await claim()).toHaveLength(1);
  });

  it('leads from sending to unknown, and the second time to dead, which is published', async () => {
    await insert(1);
    await begin(await claim());
    await expire();
    expect(
      await dataSource.transaction((manager) =>
        expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: MAX_UNKNOWNS }),
      ),
    ).toEqual([expect.objectContaining({ state: 'unknown' })]);
    expect(await states()).toEqual(['unknown']);
    await begin(await claim());
    await expire();
    expect(
      await dataSource.transaction((manager) =>
        expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: MAX_UNKNOWNS }),
      ),
    ).toEqual([expect.objectContaining({ state: 'dead' })]);
    expect(await states()).toEqual(['dead']);
  });

  it('never leads to dead if the provider recognises keys: only the age of the key ends attempts', async () => {
    await insert(1);
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await begin(await claim());
      await expire();
      expect(
        await dataSource.transaction((manager) =>
          expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: null }),
        ),
      ).toEqual([expect.objectContaining({ state: 'unknown' })]);
    }
  });

  it('leads to dead by what the provider of this delivery recognises, where others do not', async () => {
    await insert(1, { prefix: 'keyed' });
    await insert(1, { prefix: 'plain' });
    for (const expected of ['unknown', 'dead']) {
      await begin(await claim());
      await dataSource.query(`update deliveries set provider = 'keyed' where recipient_key like 'keyed%'`);
      await expire();
      const rows = await dataSource.transaction((manager) =>
        expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: MAX_UNKNOWNS, keyed: ['keyed'] }),
      );
      expect(rows.map(({ state }) => state).sort()).toEqual([expected, 'unknown'].sort());
    }
    const settled = await dataSource.query(`select recipient_key from deliveries where settled_at is not null`);
    expect(settled).toEqual([{ recipient_key: 'plain1' }]);
  });

  it('does not run out while its dispatcher renews it', async () => {
    await insert(2);
    const claimed = await claim();
    await expire();
    expect(await renewLeases(dataSource, claimed, LEASE_MS)).toEqual(new Set(claimed.map(({ id }) => id)));
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: MAX_UNKNOWNS }),
    );
    expect(await states()).toEqual(['leased', 'leased']);
  });

  it('does not prevent a late answer from settling a delivery that a second dispatcher holds, which then sends nothing', async () => {
    await insert(1);
    const slow = (await claim()) as [LeasedDelivery];
    await begin(slow);
    await expire();
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 0, maxUnknowns: MAX_UNKNOWNS }),
    );
    const second = await claim();
    await dataSource.transaction((manager) => markAccepted(manager, [{ delivery: slow[0], ref: '250 late' }]));
    expect(await states()).toEqual(['accepted']);
    expect(await begin(second)).toEqual(new Set());
  });

  it('does not prevent a late answer from settling an unknown delivery', async () => {
    await insert(1);
    const claimed = (await claim()) as [LeasedDelivery];
    await begin(claimed);
    await expire();
    await dataSource.transaction((manager) =>
      expireLeases(manager, { channel: 'email', unknownWaitMs: 60_000, maxUnknowns: MAX_UNKNOWNS }),
    );
    await dataSource.transaction((manager) => markAccepted(manager, [{ delivery: claimed[0], ref: '250 late' }]));
    expect(await states()).toEqual(['accepted']);
  });
});

it('a retrying delivery may exist beside a newer pending one', async () => {
  await insert(1);
  const [older] = (await claim()) as [LeasedDelivery];
  await insert(1);
  await markRetrying(dataSource.manager, [{ delivery: older, reason: 'x', waitMs: 0 }]);
  expect((await states()).sort()).toEqual(['pending', 'retrying']);
});
