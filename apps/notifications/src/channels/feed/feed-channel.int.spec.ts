import { accountIdentity } from '@bellhop/contracts/persons';
import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { FeedReplica } from '../../../test/feed-replica.js';
import type { Recipient } from '../../planning/recipients.js';
import type { Content } from '../channel.js';
import { lockFeeds } from './lock-feeds.js';

let nats: NatsServer;
let dataSource: DataSource;
let stop: () => Promise<void>;
let replica: FeedReplica;

beforeAll(async () => {
  Logger.overrideLogger(false);
  [nats, { dataSource, stop }] = await Promise.all([startNats(), migratedDatabase()]);
  replica = await new FeedReplica(dataSource, nats.url).start();
});
afterAll(async () => {
  await replica?.stop();
  await stop?.();
  await nats?.stop();
});
afterEach(() => dataSource.query('truncate feed_entries, feed_revisions'));

const content = (over: Partial<Content> = {}): Content => ({
  deliveryId: crypto.randomUUID(),
  endpoint: 'ada',
  generation: 0,
  copy: 0,
  system: 'bellhop',
  ticketId: 'T',
  ticketNumber: 'N1',
  version: 2,
  recipient: { role: 'requester', kind: 'user' },
  isOfOtherSystem: false,
  locale: 'de',
  timezone: null,
  template: 'replied',
  phrase: null,
  at: null,
  count: 1,
  link: 'https://support.example.test/tickets/T',
  firstAt: new Date(),
  now: new Date(),
  ...over,
});
const request = (over?: Partial<Content>) => {
  const one = content(over);
  return { deliveryId: one.deliveryId, bytes: replica.channel.compose(one) };
};
const unread = async () => (await replica.feed.list('ada', { limit: 25 })).unread;

describe('whom a feed reaches', () => {
  const recipient = (key: string, over: Partial<Recipient>): Recipient => ({
    key,
    role: 'requester',
    kind: 'user',
    ...over,
  });

  it.each<[string, Recipient, string | null]>([
    ['a customer of ours', recipient('bellhop:user:ada', { id: 'ada' }), 'ada'],
    ['an agent of ours', recipient('bellhop:agent:lead', { id: 'lead', role: 'assignee', kind: 'agent' }), 'lead'],
    ['a guest', recipient('bellhop:guest:a@example.com', { kind: 'guest', email: 'a@example.com' }), null],
    ['the team', recipient('bellhop:team', { role: 'team', kind: 'agent', email: 't@example.com' }), null],
    ['a user of another system', recipient('crm:user:ada', { id: 'ada' }), null],
  ])('%s', (_, who, endpoint) => {
    expect(replica.channel.endpointOf(who)).toBe(endpoint);
  });

  it('S43 by the account that the register of erased people knows', () => {
    expect(replica.channel.identityOf('ada')).toBe(accountIdentity('bellhop', 'ada'));
  });
});

describe('a request to the feed', () => {
  it('holds no text, no address and no language of anybody', () => {
    const text = request().bytes.toString();
    expect(Object.keys(JSON.parse(text)).sort()).toEqual([
      ...['at', 'count', 'dueAt', 'isForRequester', 'kind', 'person', 'ticketId', 'ticketNumber', 'url', 'version'],
    ]);
  });

  it.each<Partial<Content>>([{ template: 'code', link: null }, { template: 'tickets_waiting' }, { template: 'link' }])(
    'is not made of %j',
    (over) => {
      expect(() => request(over)).toThrow(expect.objectContaining({ code: 'no_entry' }));
    },
  );

  it('is accepted once, and again without another entry', async () => {
    const one = request();
    const accepted = [{ kind: 'accepted', ref: one.deliveryId }];
    expect(await replica.channel.send([one])).toEqual(accepted);
    expect(await replica.channel.send([one])).toEqual(accepted);
    expect(await unread()).toBe(1);
  });

  it('that Postgres refuses for its content was not sent, and goes alone from then on', async () => {
    const outcome = { kind: 'not_sent', cause: 'database_refused: 22P02', isAlone: true };
    const batch = [request(), request({ version: 1.5 })];
    expect(await replica.channel.send(batch)).toEqual([outcome, outcome]);
    expect(await unread()).toBe(0);
    expect(await replica.channel.send(batch.slice(0, 1))).toMatchObject([{ kind: 'accepted' }]);
  });

  it('whose connection breaks may have arrived: it is unknown, and repeated without harm', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await lockFeeds(holder.manager, ['ada']);
    const one = request();
    const sent = replica.channel.send([one]);
    const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await waitFor(async () => (await dataSource.query(waiting)).length > 0);
    await dataSource.query(`select pg_terminate_backend(pid) from (${waiting}) w`);
    expect(await sent).toEqual([{ kind: 'unknown', cause: 'database_unavailable' }]);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await replica.channel.send([one])).toMatchObject([{ kind: 'accepted' }]);
    expect(await unread()).toBe(1);
  });
});
