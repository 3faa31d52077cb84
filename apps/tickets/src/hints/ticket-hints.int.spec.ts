import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Shutdown } from '@bellhop/http';
import { NatsLink } from '@bellhop/jetstream';
import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { type Database } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type FastifyInstance, fastify } from 'fastify';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { type LivePage, openStream, untilTold } from '../../test/live-page.js';
import { ticketChanges } from '../tickets/ticket-changes.js';
import { DeskStreams } from './desk-streams.js';
import { hasDeskChanged } from './has-desk-changed.js';
import type { Reader } from './reader.js';
import { TicketHints } from './ticket-hints.js';
import { TicketStreams } from './ticket-streams.js';

const LATER = Number.MAX_SAFE_INTEGER;

let nats: NatsServer;
let database: TicketsDatabase;
let link: NatsLink;
let shutdown: Shutdown;
let server: FastifyInstance;
let hints: TicketHints;
/** What the next reader of a ticket may know: by default all, as the requester `ada`. */
let viewerNow: Reader['viewerNow'];
const ada = { kind: 'user', id: 'ada', isAgent: false } as const;

beforeAll(async () => {
  Logger.overrideLogger(false);
  [nats, database] = await Promise.all([startNats(), migratedDatabase()]);
  await database.dataSource.query(
    `insert into people (id, is_agent, changed_at, kind) values ('ada', false, now(), 'user')`,
  );
});
afterAll(async () => {
  await database?.stop();
  await nats?.stop();
});

/** One replica, without the rest of the app. */
beforeEach(async () => {
  const { dataSource } = database;
  const ready = { dataSource, background: dataSource, whenReady: async () => dataSource } as Partial<Database>;
  const asDatabase = { ...ready, whenBackgroundReady: async () => dataSource } as Database;
  link = new NatsLink({ url: nats.url, name: 'tickets', log: () => undefined });
  shutdown = new Shutdown(new Logger('shutdown'));
  const [tickets, desk] = [new TicketStreams(asDatabase), new DeskStreams(asDatabase)];
  hints = new TicketHints(asDatabase, link, shutdown, tickets, desk);
  viewerNow = async () => ada;
  server = fastify({ forceCloseConnections: true });
  server.get('/desk', (_, reply) => desk.open('lea', reply, LATER));
  server.get<{ Params: { id: string } }>('/:id', ({ params }, reply) =>
    tickets.open(params.id, { person: params.id, endsAt: LATER, viewer: ada, viewerNow: () => viewerNow() }, reply),
  );
  await server.listen({ port: 0, host: '127.0.0.1' });
  hints.onApplicationBootstrap();
  link.start();
  await link.connected();
});
afterEach(async () => {
  await shutdown.run();
  await link.close();
  await server.close();
  database.dataSource.subscribers.length = 0;
  await database.dataSource.query('truncate tickets, notes cascade');
});

const open = (path: string): Promise<LivePage> =>
  openStream(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}/${path}`, {});

/** Tickets of Ada that nobody announces. */
async function insert(count: number, minutesAgo = 10): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await database.dataSource.query(
    `insert into tickets (id, number, status, category, priority, version, seen_version, subject, requester_id, created_at, updated_at)
     select id, id::text, 'open', 'other', 'normal', 1, 1, 'S', 'ada', now(), now() - make_interval(mins => $2) from unnest($1::uuid[]) id`,
    [ids, minutesAgo],
  );
  return ids;
}
/** A change by somebody who tells nobody. */
const raise = (id: string | undefined) =>
  database.dataSource.query('update tickets set version = version + 1, updated_at = now() where id = $1', [id]);
const announce = (...ids: string[]) =>
  database.dataSource.transaction(async (manager) => {
    for (const id of ids) ticketChanges.note(manager, { id, version: 1 });
  });

describe('a poll', () => {
  it('heals hints about tickets that were lost without a trace, by one statement for all of them', async () => {
    const ids = await insert(3);
    const all = await Promise.all(ids.map(open));
    await untilTold(all, { version: 1 });
    await raise(ids[0]);
    await raise(ids[1]);
    database.statements();
    hints.poll();
    await untilTold(all.slice(0, 2), { version: 2 });
    expect(database.statements()).toHaveLength(1);
    expect(all[2]?.hints()).toEqual([{ version: 1 }]);
  });

  it('has agents look at everything if something has changed in the last minute, and says nothing otherwise', async () => {
    const [id] = await insert(2);
    const page = await open('desk');
    await waitFor(() => page.hints().length === 1);
    hints.poll();
    await waitFor(() => database.statements().length > 0);
    await raise(id);
    hints.poll();
    await waitFor(() => page.hints().length === 2);
    expect(page.hints()[1]).toEqual({ rev: expect.any(Number) });
  });

  it('asks nothing of the database while nobody looks', async () => {
    database.statements();
    hints.poll();
    const [id] = await insert(1);
    await announce(id as string);
    const page = await open('desk');
    await waitFor(() => page.hints().length === 1);
    expect(database.statements().filter(({ sql }) => /^\s*select/.test(sql))).toEqual([]);
  });
});

describe('whether the desk has changed', () => {
  it.each([
    ['nothing', async () => insert(1, 2), false],
    ['a ticket', async () => insert(1, 0), true],
    [
      'a ticket that is not proven',
      async () => database.dataSource.query(`update tickets set status = 'unverified', updated_at = now()`),
      false,
    ],
  ])('%s: %#', async (_what, change, expected) => {
    await insert(1, 2);
    await change();
    expect(await hasDeskChanged(database.dataSource, 60)).toBe(expected);
  });

  it('a note', async () => {
    const [id] = await insert(1, 2);
    const note = (ago: string) =>
      database.dataSource.query(
        `insert into notes (id, ticket_id, author_id, body, created_at) values (gen_random_uuid(), $1, 'ada', 'B', now() - $2::interval)`,
        [id, ago],
      );
    await note('2 minutes');
    expect(await hasDeskChanged(database.dataSource, 60)).toBe(false);
    await note('1 second');
    expect(await hasDeskChanged(database.dataSource, 60)).toBe(true);
  });
});

describe('a hint to the desk', () => {
  it('names a hundred tickets, and of more none', async () => {
    const ids = await insert(101);
    const page = await open('desk');
    await announce(...ids.slice(1));
    await waitFor(() => page.hints().length === 2);
    expect(page.hints()[1].tickets.sort()).toEqual(ids.slice(1).sort());
    await announce(...ids);
    await waitFor(() => page.hints().length === 3);
    expect(page.hints()[2]).toEqual({ rev: expect.any(Number) });
    await announce(ids[0] as string);
    await waitFor(() => page.hints().length === 4);
    expect(page.hints()[3]).toEqual({ rev: expect.any(Number), tickets: [ids[0]] });
  });

  it('is not made of what was rolled back', async () => {
    const [lost, kept] = (await insert(2)) as [string, string];
    const page = await open('desk');
    const failing = database.dataSource.transaction(async (manager) => {
      ticketChanges.note(manager, { id: lost, version: 2 });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await announce(kept);
    await waitFor(() => page.hints().length === 2);
    expect(page.hints()[1].tickets).toEqual([kept]);
  });
});

describe('S22 a hint to the requester', () => {
  it('S22 is not sent while nobody knows whose session it is, holds up nobody else, and comes with the next poll', async () => {
    const [id, other] = (await insert(2)) as [string, string];
    const page = await open(id);
    await untilTold(page, { version: 1 });
    let answer: ((viewer: typeof ada) => void) | undefined;
    viewerNow = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await raise(id);
    hints.poll();
    await waitFor(() => answer);
    viewerNow = async () => ada;
    await untilTold(await open(other), { version: 1 });
    expect(page.hints()).toEqual([{ version: 1 }]);
    answer?.(ada);
    await untilTold(page, { version: 2 });
    let asked = 0;
    viewerNow = async () => {
      asked++;
      throw new Error('guest-auth is away');
    };
    await raise(id);
    hints.poll();
    await waitFor(() => asked === 1);
    expect([page.isEnded, page.hints().length]).toEqual([false, 2]);
    viewerNow = async () => ada;
    hints.poll();
    await untilTold(page, { version: 3 });
  });
});
