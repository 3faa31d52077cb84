import { randomUUID } from 'node:crypto';
import { cursor, listSuppressionsResponse } from '@bellhop/contracts/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery } from '../../test/delivery-rows.js';
import { suppress } from '../dispatch/outcomes/suppress.js';
import { SuppressBySystem } from '../migrations/suppress-by-system.js';
import { liftSuppression } from './lift-suppression.js';
import { loadSuppressions } from './load-suppressions.js';
import { decodeCursor, encodeCursor } from './suppression-cursor.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate suppressions'));

const insert = (address: string, age: string) =>
  dataSource.query(
    `insert into suppressions (channel, endpoint, reason, delivery_id, suppressed_at)
     values ('email', $1, 'bounced', $2, now() - $3::interval)`,
    [address, randomUUID(), age],
  );

const ALL = { system: null, reason: 'bounced: 550' };
const by = (system: string) => ({ system, reason: 'complained' });
type Cause = typeof ALL | ReturnType<typeof by>;
const suppressFor = (causes: readonly Cause[]) =>
  suppress(
    dataSource.manager,
    causes.map((cause) => ({ ...cause, channel: 'email', key: 'jana@example.com', deliveryId: randomUUID() })),
  );
const known = async () => {
  const { items } = await loadSuppressions(dataSource, { limit: 25 });
  return items.map(({ address, systems, reason }) => ({ address, systems, reason }));
};

describe('reports about an address', () => {
  it.each<[string, Cause[], string[] | null, string]>([
    ['a complaint', [by('crm')], ['crm'], 'complained'],
    ['two complaints about one system', [by('crm'), by('crm')], ['crm'], 'complained'],
    ['complaints about two', [by('crm'), by('bellhop')], ['bellhop', 'crm'], 'complained'],
    ['complaints about three', [by('erp'), by('crm'), by('bellhop')], ['bellhop', 'crm', 'erp'], 'complained'],
    ['a bounce', [ALL], null, 'bounced: 550'],
    ['a bounce, then a complaint', [ALL, by('crm')], null, 'bounced: 550'],
    ['a complaint, then a bounce', [by('crm'), ALL], null, 'bounced: 550'],
    ['a bounce between complaints', [by('crm'), ALL, by('erp')], null, 'bounced: 550'],
  ])('S40 %s, at once and one by one', async (_, causes, systems, reason) => {
    await suppressFor(causes);
    const atOnce = await known();
    expect(atOnce).toMatchObject([{ address: 'jana@example.com', reason }]);
    expect(atOnce[0]?.systems?.toSorted() ?? null).toEqual(systems);
    await dataSource.query('truncate suppressions');
    for (const cause of causes) await suppressFor([cause]);
    expect(await known()).toEqual([{ address: 'jana@example.com', systems, reason }]);
  });

  it('S40 all count when they come at the same moment', async () => {
    const systems = Array.from({ length: 20 }, (_, index) => `s${index}`);
    await Promise.all(systems.map((system) => suppressFor([by(system)])));
    expect(await known()).toEqual([{ address: 'jana@example.com', systems: systems.toSorted(), reason: 'complained' }]);
  });

  it('keep the delivery and time of the first report that suppresses as much', async () => {
    const row = async () =>
      (await dataSource.query('select delivery_id as id, suppressed_at as at from suppressions'))[0];
    await suppressFor([by('crm')]);
    const complained = await row();
    await suppressFor([by('crm')]);
    await suppressFor([by('erp')]);
    expect(await row()).toEqual(complained);
    await suppressFor([ALL]);
    const bounced = await row();
    expect(bounced.id).not.toBe(complained.id);
    expect(bounced.at.getTime()).toBeGreaterThanOrEqual(complained.at.getTime());
    await suppressFor([ALL]);
    await suppressFor([by('crm')]);
    expect(await row()).toEqual(bounced);
  });

  it('are migrated from the release before: a complaint belongs to the system of its delivery, if that still exists', async () => {
    const complaint = await insertDelivery(dataSource, { recipient_key: 'a', state: 'accepted' });
    const bounce = await insertDelivery(dataSource, { recipient_key: 'b', state: 'accepted' });
    const add = (address: string, reason: string, id: string) =>
      dataSource.query(
        `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', $1, $2, $3)`,
        [address, reason, id],
      );
    await add('a@example.com', 'complained', complaint);
    await add('b@example.com', 'bounced: complained', bounce);
    await add('c@example.com', 'complained', randomUUID());
    const runner = dataSource.createQueryRunner();
    await new SuppressBySystem().down(runner);
    await new SuppressBySystem().up(runner);
    await runner.release();
    const rows = await dataSource.query('select endpoint as address, systems from suppressions order by endpoint');
    expect(rows).toEqual([
      { address: 'a@example.com', systems: ['crm'] },
      { address: 'b@example.com', systems: null },
      { address: 'c@example.com', systems: null },
    ]);
    await dataSource.query('truncate deliveries');
  });
});

describe('suppressed addresses', () => {
  it('are listed newest first, each once, also where many were suppressed at one moment', async () => {
    await dataSource.query(
      `insert into suppressions (channel, endpoint, reason, delivery_id, suppressed_at)
       select 'email', n || '@example.com', 'complained', gen_random_uuid(),
         '2026-11-25T08:00:00.000123Z'::timestamptz + n / 7 * interval '1 microsecond' from generate_series(1, 40) n`,
    );
    const seen: string[] = [];
    for (let next: string | undefined; ; ) {
      const page = await loadSuppressions(dataSource, { limit: 3, cursor: next });
      expect(listSuppressionsResponse.parse(page)).toEqual(page);
      seen.push(...page.items.map(({ address }) => address));
      if (page.next === null) break;
      next = page.next;
    }
    const sorted: { address: string }[] = await dataSource.query(
      'select endpoint as address from suppressions order by suppressed_at desc, endpoint desc',
    );
    expect(seen).toEqual(sorted.map(({ address }) => address));
  });

  it('are lifted by any spelling, one at a time', async () => {
    await insert('jana@xn--mnchen-3ya.example', '1 day');
    await insert('eve@example.com', '2 days');
    expect(await liftSuppression(dataSource, 'JANA@münchen.example')).toBe(true);
    expect(await liftSuppression(dataSource, 'jana@xn--mnchen-3ya.example')).toBe(false);
    expect((await loadSuppressions(dataSource, { limit: 25 })).items).toMatchObject([{ address: 'eve@example.com' }]);
  });
});

describe('the cursor of suppressed addresses', () => {
  const position = { moment: '1795342530123456', address: `${'a'.repeat(64)}@${'b'.repeat(180)}.example` };

  it('decodes to the position that was encoded, in the format of the contract', () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
    expect(cursor.safeParse(encodeCursor(position)).success).toBe(true);
  });

  const of = (text: string) => Buffer.from(text).toString('base64url');
  it.each(['', of('hello'), of('1.'), of('.a@b'), of(`${'9'.repeat(18)}.a@b`), of('1.a\u0000b'), of('1.a\nb')])(
    'is refused as %j',
    (text) => {
      expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_cursor' }));
    },
  );
});
