import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import {
  commit,
  freshDatabase,
  freshStream,
  isAllPublished,
  isRemembered,
  ledger,
  relays,
} from '../../test/fixture.js';
import { appendEvents } from '../append-events.js';
import type { EventPublisher, RelayOutcome } from './ports.js';

describe('OutboxRelay', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let stream: Awaited<ReturnType<typeof freshStream>>;
  let dataSource: DataSource;
  let other: DataSource;
  const running = relays();

  beforeAll(async () => {
    [database, stream] = await Promise.all([freshDatabase(), freshStream()]);
    dataSource = await database.open();
    other = await database.open();
  });
  afterAll(() => Promise.all([database?.drop(), stream?.stop()]));
  beforeEach(async () => {
    await dataSource.query('truncate outbox, outbox_streams');
    await stream.purge();
  });
  afterEach(() => running.stopAll());

  it('publishes what committed and nothing that rolled back', async () => {
    const kept = Array.from({ length: 20 }, () => buildEvent('ticket.replied.v1'));
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    for (const event of kept) {
      await commit(dataSource, event);
      const attempt = dataSource.transaction(async (manager) => {
        await appendEvents(manager, [buildEvent('ticket.closed.v1')]);
        throw new Error('rolled back');
      });
      await expect(attempt).rejects.toThrow('rolled back');
    }
    await waitFor(() => isAllPublished(dataSource));
    const stored = await stream.stored();
    expect(stored.map((message) => message.id)).toEqual(kept.map((event) => event.id));
    expect(stored.map((message) => JSON.parse(message.text))).toEqual(kept);
    await waitFor(() => relay.published === 20);
    expect(relay.problem()).toBeNull();
  });

  it('is woken by a commit on each of its writers, and by no other', async () => {
    const unknown = await database.open();
    const writers = [dataSource, other];
    const { inspector, publisher } = stream;
    const relay = running.start({ dataSource, writers, inspector, publisher, pollMs: 60_000 });
    await waitFor(() => relay.problem() === null);
    await commit(unknown, buildEvent('ticket.replied.v1'));
    expect(await isAllPublished(dataSource)).toBe(false);
    for (const writer of writers) {
      await commit(writer, buildEvent('ticket.replied.v1'));
      await waitFor(() => isAllPublished(dataSource));
    }
  });

  it('keeps stream and sequence of every event: the ledger', async () => {
    await commit(dataSource, ...Array.from({ length: 50 }, () => buildEvent('ticket.replied.v1')));
    running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher, batchSize: 7 });
    await waitFor(() => isAllPublished(dataSource));
    const bySequence = new Map((await stream.stored()).map((message) => [message.sequence, message.id]));
    for (const row of await ledger(dataSource)) {
      expect(row.stream).toBe('TICKETS');
      expect(bySequence.get(Number(row.sequence))).toBe(row.event_id);
    }
  });

  it('rebuilds a stream that has lost its end under its hands from the ledger, under the same ids', async () => {
    const events = Array.from({ length: 9 }, () => buildEvent('ticket.replied.v1'));
    await stream.recreate([]);
    await commit(dataSource, ...events);
    running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    // Until then a look is due, and whether it or the next acknowledgement is first to notice would be chance.
    await waitFor(() => isAllPublished(dataSource));
    await waitFor(() => isRemembered(dataSource));
    await stream.recreate(events.slice(0, 4).map((event) => event.id));
    events.push(buildEvent('ticket.replied.v1'));
    await commit(dataSource, ...events.slice(9));
    await waitFor(async () => (await stream.stored()).length === 10 && isAllPublished(dataSource));
    // The one whose acknowledgement gave it away stands where the first lost one was.
    const [first, lost, last] = [events.slice(0, 4), events.slice(4, 9), events.slice(9)];
    const stored = await stream.stored();
    expect(stored.map((message) => message.id)).toEqual([...first, ...last, ...lost].map((event) => event.id));
    const bySequence = new Map(stored.map((message) => [message.sequence, message.id]));
    for (const row of await ledger(dataSource)) expect(bySequence.get(Number(row.sequence))).toBe(row.event_id);
  });

  it('publishes again under the same id after a crash between publish and mark, and the stream holds one', async () => {
    const event = buildEvent('ticket.resolved.v1');
    await commit(dataSource, event);
    const sent = await stream.publisher.publish([
      { subject: 'tickets.v1.resolved', id: event.id, data: Buffer.from(JSON.stringify(event)) },
    ]);
    running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    await waitFor(() => isAllPublished(dataSource));
    expect((await stream.stored()).map((message) => message.id)).toEqual([event.id]);
    const [row] = await ledger(dataSource);
    expect(sent).toMatchObject([{ ok: true, sequence: Number(row?.sequence) }]);
  });

  it('loses nothing when its connection is cut between publish and mark', async () => {
    const events = Array.from({ length: 30 }, () => buildEvent('ticket.replied.v1'));
    let cuts = 3;
    const cutting: EventPublisher = {
      async publish(messages) {
        const outcomes = await stream.publisher.publish(messages);
        if (messages.length > 0 && cuts-- > 0) await cutRelayConnections(other);
        return outcomes;
      },
    };
    running.start({ dataSource, inspector: stream.inspector, publisher: cutting });
    await commit(dataSource, ...events);
    await waitFor(() => isAllPublished(other));
    expect(cuts).toBeLessThan(1);
    expect((await stream.stored()).map((message) => message.id)).toEqual(events.map((event) => event.id));
  });

  it('two relays, one active, the other takes over', async () => {
    const counts = [0, 0];
    const first = running.start({ dataSource, inspector: stream.inspector, publisher: counting(0) });
    await waitFor(() => first.problem() === null);
    const second = running.start({ dataSource: other, inspector: stream.inspector, publisher: counting(1) });
    await waitFor(() => second.problem() === null);
    for (let i = 0; i < 10; i++) await commit(other, buildEvent('ticket.replied.v1'));
    await waitFor(() => isAllPublished(dataSource));
    expect(counts).toEqual([10, 0]);

    await first.stop();
    await commit(other, buildEvent('ticket.replied.v1'));
    await waitFor(() => isAllPublished(dataSource));
    expect(counts).toEqual([10, 1]);

    function counting(index: number): EventPublisher {
      return {
        publish(messages) {
          counts[index]! += messages.length;
          return stream.publisher.publish(messages);
        },
      };
    }
  });

  it('takes over from a relay whose connection died, without a word from it', async () => {
    const hanging: EventPublisher = { publish: (messages) => (messages.length > 0 ? stuck : Promise.resolve([])) };
    let release: (outcomes: RelayOutcome[]) => void = () => {};
    const stuck = new Promise<RelayOutcome[]>((resolve) => {
      release = resolve;
    });
    const first = running.start({ dataSource, inspector: stream.inspector, publisher: hanging });
    await waitFor(() => first.problem() === null);
    await commit(dataSource, buildEvent('ticket.replied.v1'));
    running.start({ dataSource: other, inspector: stream.inspector, publisher: stream.publisher });
    await cutRelayConnections(other);
    await waitFor(() => isAllPublished(other));
    release([{ ok: false, error: new Error('late') }]);
    expect(await stream.stored()).toHaveLength(1);
  });

  it('sequences that commit out of order lose nothing', async () => {
    running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher, batchSize: 2 });
    const early = dataSource.createQueryRunner();
    await early.startTransaction();
    const lowest = buildEvent('ticket.created.v1');
    await appendEvents(early.manager, [lowest]);
    const later = Array.from({ length: 9 }, () => buildEvent('ticket.replied.v1'));
    for (const event of later) await commit(dataSource, event);
    await waitFor(() => isAllPublished(dataSource));
    expect(await stream.stored()).toHaveLength(9);
    await early.commitTransaction();
    await early.release();
    await waitFor(async () => (await stream.stored()).length === 10);
    expect((await ledger(dataSource))[0]).toMatchObject({
      event_id: lowest.id,
      stream: 'TICKETS',
      sequence: expect.anything(),
    });
  });

  it('is woken by the commit itself, not by its poll and not by a savepoint', async () => {
    const relay = running.start({
      dataSource,
      inspector: stream.inspector,
      publisher: stream.publisher,
      pollMs: 60_000,
    });
    await waitFor(() => relay.problem() === null);
    const event = buildEvent('ticket.created.v1');
    await dataSource.transaction(async (manager) => {
      await manager.transaction((inner) => appendEvents(inner, [event]));
      expect(await stream.stored()).toEqual([]);
    });
    await waitFor(() => isAllPublished(dataSource), { timeoutMs: 2_000 });
    // Counted a moment after the rows are marked.
    await waitFor(() => relay.published === 1);
  });

  it('stops cleanly: what is on its way is marked, the lock is free, and no connection is kept', async () => {
    const relay = running.start({ dataSource, inspector: stream.inspector, publisher: stream.publisher });
    await commit(dataSource, buildEvent('ticket.created.v1'));
    await waitFor(() => relay.published === 1);
    await relay.stop();
    const locks = await other.query(
      `select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(locks).toEqual([]);
    expect(dataSource.subscribers).toEqual([]);
    expect(relay.problem()).toBe('the outbox relay was stopped');
  });
});

async function cutRelayConnections(dataSource: DataSource): Promise<void> {
  await dataSource.query(`select pg_terminate_backend(l.pid) from pg_locks l
    where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())`);
}
