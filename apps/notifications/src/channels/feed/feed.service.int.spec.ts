import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../../test/database.js';
import { entry, FeedReplica } from '../../../test/feed-replica.js';
import { insertEntries } from './insert-entries.js';
import { lockFeeds } from './lock-feeds.js';
import { purgeEntries } from './purge-entries.js';

let nats: NatsServer;
let dataSource: DataSource;
let stop: () => Promise<void>;
let replica: FeedReplica;

beforeAll(async () => {
  [nats, { dataSource, stop }] = await Promise.all([startNats(), migratedDatabase({ hasGenericPlans: true })]);
  replica = await new FeedReplica(dataSource, nats.url).start();
});
afterAll(async () => {
  await replica?.stop();
  await stop?.();
  await nats?.stop();
});
afterEach(() => dataSource.query('truncate feed_entries, feed_revisions, known_tickets'));

const list = (person: string, limit = 100, cursor?: string) => replica.feed.list(person, { limit, cursor });
const unseen = async (person: string): Promise<number> => {
  const [{ count }] = await dataSource.query(
    'select count(*)::int as count from feed_entries where person = $1 and seen_at is null',
    [person],
  );
  return count;
};

describe('a feed', () => {
  it('has each delivery once: what is sent again changes nothing, not even the revision', async () => {
    const [one, two] = [entry('ada'), entry('ada')];
    await replica.feed.add([one, two]);
    const { rev, ...first } = await list('ada');
    expect(first).toMatchObject({ unread: 2, next: null });
    await replica.feed.add([two, one]);
    expect(await list('ada')).toMatchObject({ unread: 2, rev });
    await replica.feed.add([two, entry('ada'), entry('jan')]);
    const later = await list('ada');
    expect(later).toMatchObject({ unread: 3 });
    expect(later.rev).toBeGreaterThan(rev);
    expect(await list('jan')).toMatchObject({ unread: 1 });
  });

  it('has revisions that go on growing when its row was lost', async () => {
    await replica.feed.add([entry('ada')]);
    const { rev } = await list('ada');
    await dataSource.query('truncate feed_entries, feed_revisions');
    await replica.feed.add([entry('ada')]);
    expect((await list('ada')).rev).toBeGreaterThan(rev);
    // As a backup of an hour ago would have it.
    await dataSource.query('update feed_revisions set rev = rev - 3600000');
    await replica.feed.add([entry('ada')]);
    expect((await list('ada')).rev).toBeGreaterThan(rev);
  });

  it('is empty for somebody of whom nothing is known', async () => {
    expect(await list('nobody')).toEqual({ items: [], next: null, unread: 0, rev: 0 });
    expect(await replica.feed.markSeen('nobody', { all: true })).toMatchObject({ unread: 0 });
  });

  it('comes in pages, newest first, to its person alone', async () => {
    await replica.feed.add([entry('jan', { ticketId: 'secret' })]);
    const dueAt = '2026-12-01T12:00:00.000Z';
    await replica.feed.add([
      entry('ada', { ticketId: 'T-1' }),
      entry('ada', { ticketId: 'T-2', kind: 'information_requested', version: 7, count: 3, dueAt }),
      entry('ada', { ticketId: 'T-3' }),
    ]);
    const first = await list('ada', 2);
    expect(first.items.map(({ ticket }) => ticket.id)).toEqual(['T-3', 'T-2']);
    expect(first.items[1]).toEqual({
      id: expect.any(String),
      ticket: { id: 'T-2', number: 'N1', version: 7 },
      kind: 'information_requested',
      count: 3,
      dueAt,
      url: 'https://support.example.test/tickets/T-2',
      at: expect.stringMatching(/Z$/),
      seenAt: null,
    });
    const second = await list('ada', 2, first.next as string);
    expect(second).toMatchObject({ items: [{ ticket: { id: 'T-1' } }], next: null });
    await expect(list('ada', 2, 'x')).rejects.toMatchObject({ status: 400, code: 'invalid_cursor' });
  });

  it('counts up to a hundred', async () => {
    await replica.feed.add(Array.from({ length: 130 }, () => entry('ada')));
    expect(await list('ada')).toMatchObject({ unread: 100 });
  });

  it('marks what was on the screen, and leaves what came later', async () => {
    for (let count = 0; count < 3; count++) await replica.feed.add([entry('ada')]);
    await replica.feed.add([entry('jan')]);
    const { items } = await list('ada');
    const upTo = items[1]?.id as string;
    const marked = await replica.feed.markSeen('ada', { upTo });
    expect(marked).toMatchObject({ unread: 1 });
    expect((await list('ada')).items.map(({ seenAt }) => seenAt !== null)).toEqual([false, true, true]);
    // Again, and in the name of another: nothing.
    expect(await replica.feed.markSeen('ada', { upTo })).toEqual(marked);
    expect(await replica.feed.markSeen('jan', { upTo })).toMatchObject({ unread: 1 });
    const { unread, rev } = await replica.feed.markSeen('ada', { all: true });
    expect(unread).toBe(0);
    expect(rev).toBeGreaterThan(marked.rev);
    expect(await list('jan')).toMatchObject({ unread: 1 });
  });

  it('F1 fifty that arrive while all is marked as seen: the count is that of the unseen rows, and never negative', async () => {
    const arrivals = Array.from({ length: 50 }, () => replica.feed.add([entry('ada')]));
    const marks = Array.from({ length: 10 }, () => replica.feed.markSeen('ada', { all: true }));
    const states = await Promise.all(marks);
    await Promise.all(arrivals);
    const { items, unread, rev } = await list('ada');
    expect(items).toHaveLength(50);
    expect(unread).toBe(await unseen('ada'));
    expect(unread).toBe(items.filter(({ seenAt }) => seenAt === null).length);
    // Right after a mark of everything there is nothing unread, whatever arrives meanwhile.
    expect(states.map((state) => state.unread)).toEqual(states.map(() => 0));
    expect(rev).toBeGreaterThanOrEqual(Math.max(...states.map((state) => state.rev)));
    expect(await replica.feed.markSeen('ada', { all: true })).toMatchObject({ unread: 0 });
  });
});

describe('a ticket that is seen on its page', () => {
  const see = (person: string, ticketId: string, version: number) =>
    dataSource.transaction((manager) => replica.feed.markTickets(manager, [{ person, ticketId, version }]));

  it('marks the entries up to the version that was seen, of this ticket and this person', async () => {
    await replica.feed.add([
      entry('ada', { ticketId: 'T', version: 2 }),
      entry('ada', { ticketId: 'T', version: 3 }),
      entry('ada', { ticketId: 'T', version: 4 }),
      entry('ada', { ticketId: 'U', version: 2 }),
      entry('jan', { ticketId: 'T', version: 2 }),
    ]);
    await see('ada', 'T', 3);
    const { unread, rev } = await list('ada');
    expect(unread).toBe(2);
    expect(await list('jan')).toMatchObject({ unread: 1 });
    await see('ada', 'T', 3);
    expect(await list('ada')).toMatchObject({ rev });
  });

  it('whose delivery was checked before: its entry is seen from the start, but not that of an agent', async () => {
    await dataSource.query(
      `insert into known_tickets (system, ticket_id, version, requester_key, seen_version)
       values ('bellhop', 'T', 3, 'bellhop:user:ada', 3), ('crm', 'U', 3, 'crm:user:ada', 3)`,
    );
    await replica.feed.add([
      entry('ada', { ticketId: 'T', version: 3 }),
      entry('ada', { ticketId: 'T', version: 4 }),
      entry('ada', { ticketId: 'U', version: 3 }),
      entry('agent', { ticketId: 'T', version: 3, isForRequester: false }),
    ]);
    expect(await list('ada')).toMatchObject({ unread: 2 });
    expect(await list('agent')).toMatchObject({ unread: 1 });
  });

  const isSomebodyWaiting = async () => {
    const [{ count }] = await dataSource.query(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return count > 0;
  };

  it.each(['seen first', 'added first'])(
    'while its entry is being added, %s: it does not stay unread',
    async (order) => {
      const [first, second] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
      try {
        await first.startTransaction();
        // As intake does it: what is known of the ticket comes first, the feed last.
        const seenIn = async (runner: typeof first) => {
          await runner.query(
            `insert into known_tickets (system, ticket_id, version, requester_key, seen_version) values ('bellhop', 'T', 2, 'bellhop:user:ada', 2)`,
          );
          await replica.feed.markTickets(runner.manager, [{ person: 'ada', ticketId: 'T', version: 2 }]);
        };
        let other: Promise<unknown>;
        if (order === 'seen first') {
          await seenIn(first);
          other = replica.feed.add([entry('ada', { ticketId: 'T' })]);
        } else {
          await lockFeeds(first.manager, ['ada']);
          await second.startTransaction();
          other = seenIn(second).then(() => second.commitTransaction());
          await insertEntries(first.manager, [entry('ada', { ticketId: 'T' })]);
        }
        // The second has to wait for the first; if it does not, it has done all that it does.
        await Promise.race([other, waitFor(isSomebodyWaiting, { what: 'one to wait for the other' })]);
        await first.commitTransaction();
        await other;
        expect(await list('ada')).toMatchObject({ items: [{ ticket: { id: 'T' } }], unread: 0 });
      } finally {
        await Promise.all([first.release(), second.release()]);
      }
    },
  );
});

describe('entries of more than 30 days', () => {
  const never = new AbortController().signal;

  it('go, and a count that changes with them has a new revision', async () => {
    await replica.feed.add([entry('ada'), entry('jan'), entry('ada'), entry('lea')]);
    await replica.feed.markSeen('jan', { all: true });
    await dataSource.query(
      `update feed_entries set id = uuidv7(interval '-31 days') where person in ('jan', 'lea') or id = (
         select id from feed_entries where person = 'ada' order by id limit 1)`,
    );
    const before = { ada: (await list('ada')).rev, jan: (await list('jan')).rev };
    expect(await purgeEntries(dataSource, { signal: never })).toBe(3);
    const ada = await list('ada');
    expect(ada).toMatchObject({ items: [expect.anything()], unread: 1 });
    expect(ada.rev).toBeGreaterThan(before.ada);
    // What was seen was counted nowhere.
    expect(await list('jan')).toEqual({ items: [], next: null, unread: 0, rev: before.jan });
    expect(await list('lea')).toMatchObject({ items: [], next: null, unread: 0 });
    expect(await purgeEntries(dataSource, { signal: never })).toBe(0);
  });
});
