import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { insertDelivery } from '../../../test/delivery-rows.js';
import { endSwitchedOff } from './end-switched-off.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());

it('ends what waits for a channel that is off, and leaves what others send, hold or have ended', async () => {
  const ago = new Date(Date.now() - 1_000);
  const soon = new Date(Date.now() + 60_000);
  const held = { leased_by: '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11' };
  const rows: [string, Record<string, unknown>][] = [
    ['waits', { channel: 'push', state: 'pending' }],
    ['is tried again', { channel: 'push', state: 'retrying' }],
    ['may have arrived', { channel: 'push', state: 'unknown', unknowns: 1 }],
    ['was being sent', { channel: 'push', state: 'sending', lease_until: ago, ...held }],
    ['was leased', { channel: 'push', state: 'leased', lease_until: ago, ...held }],
    ['is held', { channel: 'push', state: 'leased', lease_until: soon, ...held }],
    ['is over', { channel: 'push', state: 'accepted', settled_at: ago }],
    ['is a mail', { channel: 'email', state: 'pending' }],
  ];
  for (const [name, columns] of rows)
    await insertDelivery(dataSource, { recipient_key: `bellhop:user:${name}`, ...columns });
  // More than fit into one batch, of each kind.
  expect(await endSwitchedOff(dataSource, ['push'], { batchSize: 1 })).toBe(5);
  const found: { name: string; state: string; reason: string | null }[] = await dataSource.query(
    `select replace(recipient_key, 'bellhop:user:', '') as name, state, reason from deliveries`,
  );
  expect(Object.fromEntries(found.map(({ name, state, reason }) => [name, `${state} ${reason}`]))).toEqual({
    waits: 'skipped channel_off',
    'is tried again': 'skipped channel_off',
    'may have arrived': 'dead no_answer',
    'was being sent': 'dead no_answer',
    'was leased': 'skipped channel_off',
    'is held': 'leased null',
    'is over': 'accepted null',
    'is a mail': 'pending null',
  });
});
