import { randomUUID } from 'node:crypto';
import { accountIdentity, addressIdentity } from '@bellhop/contracts/persons';
import { buildEvent } from '@bellhop/contracts/testing';
import { appendEvents } from '@bellhop/outbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { insertDelivery } from '../../test/delivery-rows.js';
import { entry } from '../../test/feed-replica.js';
import { insertEntries } from '../channels/feed/insert-entries.js';
import { lockFeeds } from '../channels/feed/lock-feeds.js';
import { RecipientEraser } from './recipient-eraser.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
afterEach(() => dataSource.query('truncate deliveries, frozen_requests, outbox, push_subscriptions, push_attempts'));

const jana = { is: (...identities: string[]) => identities.includes(addressIdentity('jana@example.com')) };
const erase = () => dataSource.transaction((manager) => new RecipientEraser().erase(manager, jana));

/** A request with a mail to Jana, and one to somebody else in this state. */
async function shared(state: string, unknowns: number): Promise<void> {
  const batchId = randomUUID();
  await dataSource.query(`insert into frozen_requests values ($1, 'sealed', now())`, [batchId]);
  const rest = { batch_id: batchId, due_at: new Date(Date.now() + 3_600_000) };
  const person = { recipient_key: 'crm:user:jana', recipient_id: 'jana', endpoint: 'jana@example.com' };
  await insertDelivery(dataSource, { ...rest, ...person, state: 'accepted', settled_at: new Date() });
  await insertDelivery(dataSource, { ...rest, state, unknowns });
}

describe('erasing a recipient whose mail shared a request with another', () => {
  it.each<[string, number]>([
    ['sending', 0],
    ['unknown', 1],
    ['leased', 1],
    ['retrying', 1],
  ])(
    'S43 waits while the other is %s after %i attempts without an answer: only the same bytes can tell',
    async (state, unknowns) => {
      await shared(state, unknowns);
      expect(await erase()).toBeNull();
      expect(await dataSource.query('select from frozen_requests')).toHaveLength(1);
    },
  );

  it.each(['leased', 'retrying'])('S43 is done when the other is %s and was certainly not accepted', async (state) => {
    await shared(state, 0);
    expect(await erase()).toMatchObject({ deliveries: 1 });
    expect(await dataSource.query('select from frozen_requests')).toHaveLength(0);
    expect(await dataSource.query('select from deliveries')).toHaveLength(1);
  });
});

describe('erasing a recipient whom our events are about', () => {
  it('S43 deletes the events about their mails, and none about a person with the same id in another system', async () => {
    const told = async (columns: Record<string, unknown>) => {
      const settled = { state: 'accepted', settled_at: new Date(), recipient_id: '7', ...columns };
      const deliveryId = await insertDelivery(dataSource, settled);
      const event = buildEvent('notification.accepted.v1', { deliveryId, recipient: { kind: 'user', id: '7' } });
      await dataSource.transaction((manager) => appendEvents(manager, [event]));
      return event.id;
    };
    await told({ system: 'crm', recipient_key: 'crm:user:7', endpoint: 'jana@example.com' });
    const ours = await told({ system: 'bellhop', recipient_key: 'bellhop:user:7', endpoint: 'ada@example.com' });
    expect(await erase()).toMatchObject({ deliveries: 1, events: 1 });
    expect(await dataSource.query('select event_id from outbox')).toEqual([{ event_id: ours }]);
  });
});

describe('erasing somebody with devices', () => {
  it('S43 forgets them with every attempt, and leaves those of others', async () => {
    const adas = { is: (...identities: string[]) => identities.includes(accountIdentity('bellhop', 'ada')) };
    const people = ['ada', 'bob'];
    for (const person of people) {
      await dataSource.query(
        `insert into push_subscriptions (id, person, endpoint_hash, keys_hash, sealed, vapid_key, service, browser_hash, state, registered_at, confirmed_at)
         values (gen_random_uuid(), $1, $2, 'keys', 'sealed', 'key', 'local', 'browser', 'active', now(), now())`,
        [person, Buffer.from(person)],
      );
      const columns = {
        system: 'bellhop',
        recipient_key: `bellhop:user:${person}`,
        recipient_id: person,
        channel: 'push',
        endpoint: person,
      };
      const deliveryId = await insertDelivery(dataSource, { ...columns, state: 'accepted', settled_at: new Date() });
      await dataSource.query(
        `insert into push_attempts values ($1, gen_random_uuid(), 'local', 'accepted', 201, null, 1, now())`,
        [deliveryId],
      );
    }
    const counts = await dataSource.transaction((manager) => new RecipientEraser().erase(manager, adas));
    expect(counts).toMatchObject({ deliveries: 1, devices: 1 });
    expect(await dataSource.query('select person from push_subscriptions')).toEqual([{ person: 'bob' }]);
    expect(await dataSource.query('select from push_attempts')).toHaveLength(1);
  });

  it('S43 also where only their address was named', async () => {
    await dataSource.query(
      `insert into push_subscriptions (id, person, endpoint_hash, keys_hash, sealed, vapid_key, service, browser_hash, state, registered_at, confirmed_at)
       values (gen_random_uuid(), '7', 'a', 'b', 'sealed', 'key', 'local', 'browser', 'active', now(), now())`,
    );
    const columns = {
      system: 'bellhop',
      recipient_key: 'bellhop:user:7',
      recipient_id: '7',
      endpoint: 'jana@example.com',
    };
    await insertDelivery(dataSource, { ...columns, state: 'accepted', settled_at: new Date() });
    expect(await erase()).toMatchObject({ deliveries: 1, devices: 1 });
    expect(await dataSource.query('select from push_subscriptions')).toEqual([]);
  });
});

describe('erasing somebody who has decided something', () => {
  const decide = (person: string) =>
    Promise.all([
      dataSource.query(`insert into person_settings (person, off, changed_at) values ($1, '{*.push}', now())`, [
        person,
      ]),
      dataSource.query(`insert into ticket_mutes values ($1, 'bellhop', 'T', 'N', now())`, [person]),
    ]);
  const left = async () => [
    (await dataSource.query('select person from person_settings')).map(({ person }: { person: string }) => person),
    (await dataSource.query('select person from ticket_mutes')).map(({ person }: { person: string }) => person),
  ];

  it('S43 takes their settings and mutes, also when nothing else is left of them, and those of nobody else', async () => {
    const ada = accountIdentity('bellhop', 'ada');
    for (const person of ['bellhop:user:ada', 'crm:guest:jana@example.com', 'crm:user:ada']) await decide(person);
    const counts = await dataSource.transaction((manager) =>
      new RecipientEraser().erase(manager, { is: (...identities) => identities.includes(ada) }),
    );
    expect(counts).toMatchObject({ settings: 1, mutes: 1 });
    expect(await erase()).toMatchObject({ settings: 1, mutes: 1 });
    expect(await left()).toEqual([['crm:user:ada'], ['crm:user:ada']]);
    await dataSource.query('truncate person_settings, ticket_mutes');
  });

  it('S43 finds those of an account by its address, where a mail went to it', async () => {
    await decide('bellhop:user:7');
    const columns = {
      system: 'bellhop',
      recipient_key: 'bellhop:user:7',
      recipient_id: '7',
      endpoint: 'jana@example.com',
    };
    await insertDelivery(dataSource, { ...columns, state: 'accepted', settled_at: new Date() });
    expect(await erase()).toMatchObject({ settings: 1, mutes: 1 });
    expect(await left()).toEqual([[], []]);
  });
});

describe('erasing somebody who has a feed', () => {
  const ada = { is: (...identities: string[]) => identities.includes(accountIdentity('bellhop', 'ada')) };
  const people = async () =>
    (
      await dataSource.query('select person from feed_entries union all select person from feed_revisions order by 1')
    ).map(({ person }: { person: string }) => person);

  it('S43 takes their entries and their revision, also when nothing else is left of them, and nobody else loses any', async () => {
    await dataSource.transaction(async (manager) => {
      await lockFeeds(manager, ['ada', 'jan']);
      await insertEntries(manager, [entry('ada'), entry('ada'), entry('jan')]);
    });
    const erased = await dataSource.transaction((manager) => new RecipientEraser().erase(manager, ada));
    expect(erased).toMatchObject({ feedEntries: 2 });
    expect(await people()).toEqual(['jan', 'jan']);
    const crm = { is: (...identities: string[]) => identities.includes(accountIdentity('crm', 'jan')) };
    await dataSource.transaction((manager) => new RecipientEraser().erase(manager, crm));
    expect(await people()).toEqual(['jan', 'jan']);
  });
});
