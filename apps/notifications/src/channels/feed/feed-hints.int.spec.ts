import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { Shutdown } from '@bellhop/http';
import type { RpcClient } from '@bellhop/jetstream';
import { type NatsServer, startNats, startTcpProxy, type TcpProxy, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { nobodyErased, readyDatabase, settingsOf } from '../../../test/delivery-rows.js';
import { dispatchResources } from '../../../test/dispatch-resources.js';
import { entry, FeedReplica } from '../../../test/feed-replica.js';
import { recordStatements } from '../../../test/statements.js';
import { Dispatchers } from '../../dispatch/dispatchers.js';
import { IntakeService } from '../../intake/intake.service.js';

let nats: NatsServer;
let proxy: TcpProxy;
let dataSource: DataSource;
let stop: () => Promise<void>;
/** One on NATS, and one whose network can be cut. */
let near: FeedReplica;
let far: FeedReplica;

beforeAll(async () => {
  Logger.overrideLogger(false);
  [nats, { dataSource, stop }] = await Promise.all([startNats(), migratedDatabase({ hasGenericPlans: true })]);
});
afterAll(async () => {
  await stop?.();
  await nats?.stop();
});
beforeEach(async () => {
  proxy = await startTcpProxy(Number(new URL(nats.url).port));
  near = await new FeedReplica(dataSource, nats.url).start();
  far = await new FeedReplica(dataSource, `nats://127.0.0.1:${proxy.port}`).start();
});
afterEach(async () => {
  await Promise.all([near.stop(), far.stop()]);
  await proxy.stop();
  await dataSource.query(
    'truncate feed_entries, feed_revisions, known_tickets, deliveries, decisions, told, inbox, outbox, frozen_requests',
  );
});

describe('a hint', () => {
  it('is preceded by how the feed stands, after each connection', async () => {
    const page = await near.open('ada');
    await waitFor(() => page.told.length === 1);
    expect(page.told).toEqual([{ unread: 0, rev: 0 }]);
    page.close();
    await far.feed.add([entry('ada'), entry('ada')]);
    const again = await near.open('ada');
    await waitFor(() => again.told.length > 0);
    expect(again.told).toEqual([{ unread: 2, rev: expect.any(Number) }]);
  });

  it('reaches every page of the person on every replica, and no page of another', async () => {
    const pages = await Promise.all([near.open('ada'), near.open('ada'), far.open('ada')]);
    const others = await Promise.all([near.open('jan'), far.open('jan'), near.open('ada.*'), near.open('ad')]);
    await waitFor(() => [...pages, ...others].every(({ told }) => told.length === 1));
    await near.feed.add([entry('ada')]);
    await waitFor(() => pages.every(({ told }) => told.length === 2));
    await far.feed.markSeen('ada', { all: true });
    await waitFor(() => pages.every(({ told }) => told.length === 3));
    for (const { told } of pages) {
      expect(told.map(({ unread }) => unread)).toEqual([0, 1, 0]);
      const revs = told.map(({ rev }) => rev);
      expect(revs).toEqual([...new Set(revs)].sort((a, b) => a - b));
    }
    expect(others.map(({ told }) => told.length)).toEqual([1, 1, 1, 1]);
  });

  it('of one person costs one statement for all of their pages, and one that nobody sees costs none', async () => {
    const pages = await Promise.all(Array.from({ length: 5 }, () => near.open('ada')));
    await waitFor(() => pages.every(({ told }) => told.length === 1));
    const statements = recordStatements(dataSource);
    await near.feed.add([entry('ada'), entry('jan')]);
    await waitFor(() => pages.every(({ told }) => told.length === 2));
    expect(statements.filter((sql) => sql.startsWith('select'))).toHaveLength(1);
  });

  it('F3 is lost while NATS is away: three entries later the page learns of all of them, once NATS is back', async () => {
    const page = await far.open('ada');
    await waitFor(() => page.told.length === 1);
    proxy.hang();
    proxy.reset();
    await waitFor(() => far.link.connection === null, { what: 'the connection to be lost' });
    for (let count = 0; count < 3; count++) await near.feed.add([entry('ada')]);
    expect(page.told).toHaveLength(1);
    proxy.serveNewOnes();
    await waitFor(() => page.told.at(-1)?.unread === 3);
    expect(await far.feed.list('ada', { limit: 25 })).toMatchObject({ items: { length: 3 }, unread: 3 });
    // What is said right after a reconnect may be lost as well.
    await waitFor(async () => {
      await near.feed.add([entry('ada')]);
      return (page.told.at(-1)?.unread ?? 0) > 3;
    });
  });

  it('reaches the pages of this replica also while NATS is away', async () => {
    const page = await far.open('ada');
    await waitFor(() => page.told.length === 1);
    proxy.hang();
    proxy.reset();
    await waitFor(() => far.link.connection === null, { what: 'the connection to be lost' });
    await far.feed.add([entry('ada')]);
    await waitFor(() => page.told.at(-1)?.unread === 1);
  });

  it('that was lost without a trace is healed by a look at all feeds, by one statement', async () => {
    const pages = await Promise.all(['ada', 'jan', 'lea'].map((person) => near.open(person)));
    await waitFor(() => pages.every(({ told }) => told.length === 1));
    // By somebody who tells nobody.
    await dataSource.query(`insert into feed_revisions values ('ada', 7), ('jan', 9)`);
    const statements = recordStatements(dataSource);
    near.hints.lookAtAll();
    await waitFor(() => pages[0]?.told.length === 2 && pages[1]?.told.length === 2);
    expect(statements).toHaveLength(1);
    expect(pages.map(({ told }) => told.at(-1)?.rev)).toEqual([7, 9, 0]);
  });
});

describe('events of tickets', () => {
  let shutdown: Shutdown;
  let intake: IntakeService;
  beforeEach(() => {
    shutdown = new Shutdown(new Logger('shutdown'));
    const settings = settingsOf();
    const { resources } = dispatchResources(dataSource, settings, {} as RpcClient);
    const dispatchers = new Dispatchers([near.channel], resources, shutdown);
    intake = new IntakeService(readyDatabase(dataSource), [near.channel], dispatchers, settings, nobodyErased());
    dispatchers.onApplicationBootstrap();
  });
  afterEach(() => shutdown.run());

  type Kind = 'ticket.replied.v1' | 'ticket.resolved.v1' | 'ticket.seen.v1' | 'ticket.assigned.v1';
  const happen = (type: Kind, version: number, data: object = {}, system = 'bellhop') => {
    const event = buildEvent(type, {
      requester: { kind: 'user', id: 'ada', email: 'ada@example.com' },
      ticket: { id: 'T', number: 'N1', version },
      ...data,
    } as never);
    return intake.accept({ system, event: event as TicketEvent });
  };
  const decisions = () =>
    dataSource.query(`select recipient_key as who, reason from decisions where channel = 'feed' order by decided_at`);

  it('become entries at once, without any text, and hints', async () => {
    const [page, agents] = await Promise.all([far.open('ada'), far.open('lead')]);
    await waitFor(() => page.told.length === 1 && agents.told.length === 1);
    const startedAt = performance.now();
    await happen('ticket.replied.v1', 2);
    await waitFor(() => page.told.at(-1)?.unread === 1);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await happen('ticket.assigned.v1', 3, { assignee: { kind: 'user', id: 'lead', email: 'lead@example.com' } });
    await waitFor(() => agents.told.at(-1)?.unread === 1);
    const { items } = await near.feed.list('ada', { limit: 25 });
    expect(items).toMatchObject([
      { kind: 'replied', count: 1, url: 'https://support.example.test/tickets/T', ticket: { version: 2 } },
    ]);
    expect((await near.feed.list('lead', { limit: 25 })).items).toMatchObject([
      { kind: 'assigned', url: 'https://support.example.test/desk/tickets/T', ticket: { version: 3 } },
    ]);
    const [row] = await dataSource.query('select * from feed_entries where person = $1', ['ada']);
    expect(JSON.stringify(row)).not.toContain('@');
  });

  it('of guests, and of another system, become no entries, and the decision says why', async () => {
    await happen('ticket.replied.v1', 2, { requester: { kind: 'guest', email: 'jana@example.com' } });
    const url = 'https://crm.example.com/t';
    await happen('ticket.replied.v1', 2, { ticket: { id: 'C', number: 'N1', version: 2, url } }, 'crm');
    expect(await decisions()).toEqual([
      { who: 'bellhop:guest:jana@example.com', reason: 'no_endpoint' },
      { who: 'crm:user:ada', reason: 'no_endpoint' },
    ]);
  });

  it('that say what was seen mark the entries, and every page learns of it', async () => {
    const page = await far.open('ada');
    await happen('ticket.replied.v1', 2);
    await waitFor(() => page.told.at(-1)?.unread === 1);
    await happen('ticket.resolved.v1', 3);
    await waitFor(() => page.told.at(-1)?.unread === 2);
    await happen('ticket.seen.v1', 2);
    await waitFor(() => page.told.at(-1)?.unread === 1);
    // In the name of another person of ours, and by another system: nothing.
    await happen('ticket.seen.v1', 3, { requester: { kind: 'user', id: 'jan', email: 'jan@example.com' } });
    await happen('ticket.seen.v1', 9, {}, 'crm');
    expect(await near.feed.list('ada', { limit: 25 })).toMatchObject({ unread: 1 });
    await happen('ticket.seen.v1', 3);
    await waitFor(() => page.told.at(-1)?.unread === 0);
    // What was seen before it arrives makes no entry.
    await happen('ticket.replied.v1', 3);
    expect((await decisions()).at(-1)).toEqual({ who: 'bellhop:user:ada', reason: 'seen' });
  });

  it('of one batch mark together, by one statement, and a batch without them asks the feed nothing', async () => {
    const statements = recordStatements(dataSource);
    const events = Array.from({ length: 40 }, (_, index) =>
      buildEvent('ticket.seen.v1', {
        requester: { kind: 'user', id: `p${index}`, email: `p${index}@example.com` },
        ticket: { id: `T-${index}`, number: 'N1', version: 2 },
      }),
    );
    await Promise.all(events.map((event) => intake.accept({ system: 'bellhop', event: event as TicketEvent })));
    // Two lanes, which may each have begun with the first event alone.
    const marks = statements.filter((sql) => sql.includes('feed_entries')).length;
    expect(marks).toBeGreaterThanOrEqual(1);
    expect(marks).toBeLessThanOrEqual(4);
    statements.length = 0;
    await happen('ticket.replied.v1', 2, { requester: { kind: 'guest', email: 'jana@example.com' } });
    expect(statements.filter((sql) => sql.includes('feed'))).toEqual([]);
  });
});
