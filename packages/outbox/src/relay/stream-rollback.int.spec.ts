import type { BellhopEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { restoreStream, snapshotStream, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeliverPolicy } from '@nats-io/jetstream';
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
import { Reader } from '../../test/reader.js';
import type { EventPublisher, RelayLogLine, Rollback, StreamInspector } from './ports.js';

const PROMISE = 'every event that was committed reaches the consumer although the stream';

describe('a stream that has lost events which it had acknowledged', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let stream: Awaited<ReturnType<typeof freshStream>>;
  let dataSource: DataSource;
  let reader: Reader;
  let rollbacks: Rollback[];
  let lines: RelayLogLine[];
  let committed: BellhopEvent[];
  const running = relays();

  beforeAll(async () => {
    [database, stream] = await Promise.all([freshDatabase(), freshStream()]);
    dataSource = await database.open();
  });
  afterAll(() => Promise.all([database?.drop(), stream?.stop()]));
  beforeEach(async () => {
    await dataSource.query('truncate outbox, outbox_streams');
    await (await stream.manager()).streams.delete('TICKETS');
    await stream.provisionConsumer();
    [rollbacks, lines, committed] = [[], [], []];
    reader = new Reader(stream.server.url);
  });
  afterEach(async () => {
    await reader.stop();
    await running.stopAll();
  });

  const rollbackLines = () => lines.filter(({ message }) => message.startsWith('stream '));
  const untilRemembered = () => waitFor(() => isRemembered(dataSource), { what: 'the stream to be remembered' });

  it(`${PROMISE} lost its end`, async () => {
    start();
    await publish(30);
    const snapshot = await whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await publish(40);
    await whileDown('pause', () => {
      restoreStream(stream.server, snapshot, { keepConsumers: true });
      return emit(5);
    });
    await emit(5);
    await everythingArrives();
    expect(rollbacks).toMatchObject([{ stream: 'TICKETS', from: 70, to: 30, reopened: 40 }]);
    expect(rollbackLines()).toMatchObject([
      {
        message: 'stream TICKETS had lost events that it had acknowledged: 40 events will be published again',
        ...{ stream: 'TICKETS', acknowledgedSequence: 70, survivingSequence: 30, reopened: 40 },
        signs: expect.any(Array),
        rebuiltConsumers: expect.any(Array),
      },
    ]);
  });

  it(`${PROMISE} and its consumers are those of an old disk`, async () => {
    start();
    await publish(30);
    const snapshot = await whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await reader.stop();
    await publish(40);
    await whileDown('kill', () => restoreStream(stream.server, snapshot, { keepConsumers: false }));
    await waitFor(() => rollbacks.length > 0);
    reader = new Reader(stream.server.url);
    await everythingArrives(committed.slice(30));
    expect(rollbacks).toMatchObject([{ from: 70, to: 30, reopened: 40 }]);
  });

  it(`${PROMISE} gave the lost sequences to others before anybody looked`, async () => {
    const relay = start();
    await publish(30);
    const snapshot = await whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await publish(10);
    await relay.stop();
    await whileDown('pause', () => restoreStream(stream.server, snapshot, { keepConsumers: true }));
    // As events in flight when NATS was lost: stored without an acknowledgement.
    const strangers = Array.from({ length: 25 }, () => buildEvent('ticket.replied.v1'));
    await stream.publisher.publish(strangers.map(asMessage));
    await reader.hasSeen(strangers.map((event) => event.id));
    start();
    await emit(5);
    await everythingArrives();
    expect(rollbacks).toMatchObject([{ from: 40, to: 30, reopened: 10, consumers: ['notifications'] }]);
    expect(rollbacks[0]?.signs).toEqual(['it holds another event at the last acknowledged sequence']);
  });

  it(`${PROMISE} was deleted and provisioned again under a relay that works`, async () => {
    start();
    await publish(30);
    await untilRemembered();
    await (await stream.manager()).streams.delete('TICKETS');
    await stream.provisionConsumer();
    await emit(1);
    await everythingArrives();
    expect(rollbacks).toMatchObject([{ from: 30, to: 0, reopened: 30 }]);
    expect(rollbacks[0]?.signs).toContain('it was recreated');
  });

  it(`${PROMISE} was deleted and provisioned again while no relay worked, and has grown past the ledger`, async () => {
    const relay = start();
    await publish(10);
    await relay.stop();
    await (await stream.manager()).streams.delete('TICKETS');
    await stream.provisionConsumer();
    // Without ids, so that only the stream's age reveals it.
    const { connection } = stream.link;
    for (let n = 0; n < 20; n++) await connection?.request('tickets.v1.replied', '{}');
    start();
    await waitFor(() => rollbacks.length > 0);
    await everythingArrives();
    expect(rollbacks).toMatchObject([{ to: 0, reopened: 10 }]);
  });

  it(`${PROMISE} ends before its consumer, which would skip them`, async () => {
    const relay = start();
    await publish(30);
    await relay.stop();
    await standAhead(100);
    start();
    await emit(20);
    await everythingArrives();
    // Wherever the stream ended when it was noticed: nothing of it was lost.
    expect(rollbacks).toMatchObject([
      { signs: ['consumer notifications is ahead of it'], reopened: 0, consumers: ['notifications'] },
    ]);
  });

  it('builds the consumer of a stream again in which it has no events, and waits for it while it is missing', async () => {
    await standAhead(100);
    start({ ownStreams: ['TICKETS', 'INBOUND'] });
    await waitFor(() => rollbacks.length === 1);
    await stream.publisher.publish([asMessage(buildEvent('ticket.replied.v1'))]);
    await waitFor(() => reader.seen.size === 1);
    expect(rollbacks).toMatchObject([{ reopened: 0, consumers: ['notifications'] }]);
  });

  it.each(['inspect', 'rebuilt', 'deleted', 'reopened'] as const)(
    `${PROMISE} lost its end and the relay died while it repaired it (%s)`,
    async (step) => {
      const relay = start();
      await publish(30);
      const snapshot = await whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
      await publish(10);
      await relay.stop();
      await whileDown('pause', () => restoreStream(stream.server, snapshot, { keepConsumers: true }));
      await stream.publisher.publish(Array.from({ length: 5 }, () => asMessage(buildEvent('ticket.replied.v1'))));
      await standAhead(100);
      const crashing = start({ inspector: dyingAt(step) });
      await waitFor(() => crashing.problem()?.includes('died'));
      await crashing.stop();
      await dataSource.query('drop function if exists die cascade');
      start();
      await emit(5);
      await everythingArrives();
    },
  );

  it(`${PROMISE} lost its end, with two relays of which one dies`, async () => {
    const other = await database.open();
    start();
    start({ dataSource: other });
    await publish(30);
    const snapshot = await whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await publish(40);
    await whileDown('kill', async () => {
      restoreStream(stream.server, snapshot, { keepConsumers: true });
      await emit(5);
      await other.query(`select pg_terminate_backend(l.pid) from pg_locks l
        where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())`);
    });
    await emit(5);
    await everythingArrives();
    expect(rollbacks).toHaveLength(1);
  });

  it('marks nothing under a sequence that was given before', async () => {
    const lying = { isOn: false };
    start({
      publisher: {
        async publish(messages) {
          const outcomes = await stream.publisher.publish(messages);
          if (!lying.isOn) return outcomes;
          lying.isOn = false;
          return outcomes.map((outcome) => (outcome.ok ? { ...outcome, sequence: 3 } : outcome));
        },
      },
    });
    await publish(10);
    lying.isOn = true;
    await publish(1);
    await everythingArrives();
    expect((await ledger(dataSource)).map((row) => Number(row.sequence))).toEqual(
      Array.from({ length: 11 }, (_, index) => index + 1),
    );
    expect(rollbacks).toMatchObject([{ signs: ['it assigned a sequence twice'], to: 10, reopened: 0 }]);
  });

  it('takes two events under one sequence for a sign, and publishes both again', async () => {
    const relay = start();
    await publish(10);
    await relay.stop();
    const [lost] = committed.slice(8);
    await dataSource.query('update outbox set sequence = 10 where event_id = $1', [lost?.id]);
    start();
    await waitFor(() => rollbacks.length > 0);
    await everythingArrives();
    expect(rollbacks).toMatchObject([{ to: 8, reopened: 2 }]);
  });

  it('gives no false alarm: restarts, duplicates, purges, what has aged, and what a person deleted', async () => {
    const relay = start();
    await publish(20);
    await whileDown('pause', () => emit(5));
    await whileDown('kill', () => emit(5));
    await everythingArrives();
    const manager = await stream.manager();
    await manager.streams.deleteMessage('TICKETS', 30);
    await relay.stop();
    // A crash between publish and mark: what is published again is a duplicate with an old sequence.
    await dataSource.query(`update outbox set published_at = null, stream = null, sequence = null where sequence = 12`);
    const second = start();
    await waitFor(() => second.problem() === null);
    await publish(1);
    await manager.streams.purge('TICKETS', { keep: 3 });
    await publish(1);
    await manager.streams.purge('TICKETS');
    await whileDown('pause', () => undefined);
    await publish(3);
    expect(rollbacks).toEqual([]);
    expect(rollbackLines()).toEqual([]);
  });

  it('publishes nothing before the check, although events wait', async () => {
    const order: string[] = [];
    const { inspector } = stream;
    await emit(3);
    await dataSource.query(`insert into outbox_streams (stream) values ('TICKETS')`);
    start({
      inspector: {
        ...delegating(inspector),
        inspect(name) {
          order.push('looked');
          return inspector.inspect(name);
        },
      },
      publisher: {
        publish(messages) {
          order.push('published');
          return stream.publisher.publish(messages);
        },
      },
    });
    await waitFor(() => isAllPublished(dataSource));
    expect(order.slice(0, 2)).toEqual(['looked', 'published']);
  });

  function start(options: Partial<Parameters<typeof running.start>[0]> = {}) {
    return running.start(
      {
        dataSource,
        publisher: stream.publisher,
        inspector: stream.inspector,
        onRollback: (rollback) => void rollbacks.push(rollback),
        ...options,
      },
      lines,
    );
  }

  async function emit(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => buildEvent('ticket.replied.v1'));
    await commit(dataSource, ...events);
    committed.push(...events);
  }

  async function publish(count: number): Promise<void> {
    await emit(count);
    await waitFor(() => isAllPublished(dataSource));
  }

  async function everythingArrives(atReader = committed): Promise<void> {
    await waitFor(() => isAllPublished(dataSource), { what: 'everything to be published', timeoutMs: 20_000 });
    await reader.hasSeen(atReader.map((event) => event.id));
    const stored = new Set((await stream.stored()).map((message) => message.id));
    expect(committed.map((event) => event.id).filter((id) => !stored.has(id))).toEqual([]);
  }

  async function whileDown<T>(how: 'pause' | 'kill', work: () => T | Promise<T>): Promise<T> {
    // So that a killed server has written down how far its consumers are.
    if (!reader.isStopping) await reader.hasSeen(committed.map((event) => event.id));
    await stream.server[how]();
    try {
      return await work();
    } finally {
      await stream.server.resume();
      await waitFor(async () => (await stream.inspector.inspect('TICKETS')) !== null);
    }
  }

  /** The consumer stands where no message is: nats-server 2.14 leaves none so when it starts, older ones do. */
  async function standAhead(sequence: number): Promise<void> {
    const manager = await stream.manager();
    const { config } = await manager.consumers.info('TICKETS', 'notifications');
    await manager.consumers.delete('TICKETS', 'notifications');
    const start = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence + 1 };
    await manager.consumers.add('TICKETS', { ...config, ...start });
    const { delivered } = await manager.consumers.info('TICKETS', 'notifications');
    expect(delivered.stream_seq).toBe(sequence);
  }

  /** As if the process crashed at that moment: every further call of the relay fails. */
  function dyingAt(step: 'inspect' | 'rebuilt' | 'deleted' | 'reopened'): StreamInspector {
    const { inspector } = stream;
    const die = () => Promise.reject(new Error('died'));
    return {
      ...delegating(inspector),
      async inspect(name) {
        const state = await inspector.inspect(name);
        if (step === 'reopened') await failWhenRemembered();
        return state;
      },
      idAt: step === 'inspect' ? die : (name, sequence) => inspector.idAt(name, sequence),
      async rebuildConsumers(name, end, blueprints) {
        if (step === 'deleted') await (await stream.manager()).consumers.delete(name, 'notifications');
        else await inspector.rebuildConsumers(name, end, blueprints);
        if (step !== 'reopened') await die();
      },
    };
  }

  /** Postgres refuses the statement that ends a repair, once. */
  async function failWhenRemembered(): Promise<void> {
    await dataSource.query(`
      create or replace function die() returns trigger language plpgsql
      as $$ begin raise exception 'died'; end $$`);
    await dataSource.query(`
      create or replace trigger dies before update on outbox_streams for each row
      when (old.consumers_to_build <> '[]' and new.consumers_to_build = '[]') execute function die()`);
  }

  function delegating(inspector: StreamInspector): StreamInspector {
    return {
      get connections() {
        return inspector.connections;
      },
      inspect: (name) => inspector.inspect(name),
      idAt: (name, sequence) => inspector.idAt(name, sequence),
      rebuildConsumers: (name, end, blueprints) => inspector.rebuildConsumers(name, end, blueprints),
    };
  }
});

function asMessage(event: BellhopEvent): Parameters<EventPublisher['publish']>[0][number] {
  return { subject: 'tickets.v1.replied', id: event.id, data: Buffer.from(JSON.stringify(event)) };
}
