import { buildEvent } from '@bellhop/contracts/testing';
import { restoreStream, snapshotStream, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { isAllPublished, isRemembered, ledger } from '../../test/fixture.js';
import { asMessage, delegating, RollbackBench } from '../../test/rollback-bench.js';
import type { StreamInspector } from './ports.js';

const PROMISE = 'every event that was committed reaches the consumer although the stream';

describe('a stream that has lost events which it had acknowledged', () => {
  let bench: RollbackBench;
  let stream: RollbackBench['stream'];
  let dataSource: DataSource;

  beforeAll(async () => {
    bench = await RollbackBench.start();
    ({ stream, dataSource } = bench);
  });
  afterAll(() => bench?.stop());
  beforeEach(() => bench.begin());
  afterEach(() => bench.end());

  const rollbackLines = () => bench.lines.filter(({ message }) => message.startsWith('stream '));
  const untilRemembered = () => waitFor(() => isRemembered(dataSource), { what: 'the stream to be remembered' });

  it(`${PROMISE} lost its end`, async () => {
    bench.startRelay();
    await bench.publish(30);
    const snapshot = await bench.whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await bench.publish(40);
    await bench.whileDown('pause', () => {
      restoreStream(stream.server, snapshot, { keepConsumers: true });
      return bench.emit(5);
    });
    await bench.emit(5);
    await bench.everythingArrives();
    expect(bench.rollbacks).toMatchObject([{ stream: 'TICKETS', from: 70, to: 30, reopened: 40 }]);
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
    bench.startRelay();
    await bench.publish(30);
    const snapshot = await bench.whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await bench.reader.stop();
    await bench.publish(40);
    await bench.whileDown('kill', () => restoreStream(stream.server, snapshot, { keepConsumers: false }));
    await waitFor(() => bench.rollbacks.length > 0);
    bench.readAgain();
    await bench.everythingArrives(bench.committed.slice(30));
    expect(bench.rollbacks).toMatchObject([{ from: 70, to: 30, reopened: 40 }]);
  });

  it(`${PROMISE} gave the lost sequences to others before anybody looked`, async () => {
    const relay = bench.startRelay();
    await bench.publish(30);
    const snapshot = await bench.whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await bench.publish(10);
    await relay.stop();
    await bench.whileDown('pause', () => restoreStream(stream.server, snapshot, { keepConsumers: true }));
    // As events in flight when NATS was lost: stored without an acknowledgement.
    const strangers = Array.from({ length: 25 }, () => buildEvent('ticket.replied.v1'));
    await stream.publisher.publish(strangers.map(asMessage));
    await bench.reader.hasSeen(strangers.map((event) => event.id));
    bench.startRelay();
    await bench.emit(5);
    await bench.everythingArrives();
    expect(bench.rollbacks).toMatchObject([{ from: 40, to: 30, reopened: 10, consumers: ['notifications'] }]);
    expect(bench.rollbacks[0]?.signs).toEqual(['it holds another event at the last acknowledged sequence']);
  });

  it(`${PROMISE} was deleted and provisioned again under a relay that works`, async () => {
    bench.startRelay();
    await bench.publish(30);
    await untilRemembered();
    await bench.recreateStream();
    await bench.emit(1);
    await bench.everythingArrives();
    expect(bench.rollbacks).toMatchObject([{ from: 30, to: 0, reopened: 30 }]);
    expect(bench.rollbacks[0]?.signs).toContain('it was recreated');
  });

  it(`${PROMISE} was deleted and provisioned again while no relay worked, and has grown past the ledger`, async () => {
    const relay = bench.startRelay();
    await bench.publish(10);
    await relay.stop();
    await bench.recreateStream();
    // Without ids, so that only the stream's age reveals it.
    const { connection } = stream.link;
    for (let n = 0; n < 20; n++) await connection?.request('tickets.v1.replied', '{}');
    bench.startRelay();
    await waitFor(() => bench.rollbacks.length > 0);
    await bench.everythingArrives();
    expect(bench.rollbacks).toMatchObject([{ to: 0, reopened: 10 }]);
  });

  it(`${PROMISE} ends before its consumer, which would skip them`, async () => {
    const relay = bench.startRelay();
    await bench.publish(30);
    await relay.stop();
    await bench.standAhead(100);
    bench.startRelay();
    await bench.emit(20);
    await bench.everythingArrives();
    // Wherever the stream ended when it was noticed: nothing of it was lost.
    expect(bench.rollbacks).toMatchObject([
      { signs: ['consumer notifications is ahead of it'], reopened: 0, consumers: ['notifications'] },
    ]);
  });

  it('builds the consumer of a stream again in which it has no events, and waits for it while it is missing', async () => {
    await bench.standAhead(100);
    bench.startRelay({ ownStreams: ['TICKETS', 'INBOUND'] });
    await waitFor(() => bench.rollbacks.length === 1);
    await stream.publisher.publish([asMessage(buildEvent('ticket.replied.v1'))]);
    await waitFor(() => bench.reader.seen.size === 1);
    expect(bench.rollbacks).toMatchObject([{ reopened: 0, consumers: ['notifications'] }]);
  });

  it.each(['inspect', 'rebuilt', 'deleted', 'reopened'] as const)(
    `${PROMISE} lost its end and the relay died while it repaired it (%s)`,
    async (step) => {
      const relay = bench.startRelay();
      await bench.publish(30);
      const snapshot = await bench.whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
      await bench.publish(10);
      await relay.stop();
      await bench.whileDown('pause', () => restoreStream(stream.server, snapshot, { keepConsumers: true }));
      await stream.publisher.publish(Array.from({ length: 5 }, () => asMessage(buildEvent('ticket.replied.v1'))));
      await bench.standAhead(100);
      const crashing = bench.startRelay({ inspector: dyingAt(step) });
      await waitFor(() => crashing.problem()?.includes('died'));
      await crashing.stop();
      await dataSource.query('drop function if exists die cascade');
      bench.startRelay();
      await bench.emit(5);
      await bench.everythingArrives();
    },
  );

  it(`${PROMISE} lost its end, with two relays of which one dies`, async () => {
    const other = await bench.database.open();
    bench.startRelay();
    bench.startRelay({ dataSource: other });
    await bench.publish(30);
    const snapshot = await bench.whileDown('pause', () => snapshotStream(stream.server, 'TICKETS'));
    await bench.publish(40);
    await bench.whileDown('kill', async () => {
      restoreStream(stream.server, snapshot, { keepConsumers: true });
      await bench.emit(5);
      await other.query(`select pg_terminate_backend(l.pid) from pg_locks l
        where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())`);
    });
    await bench.emit(5);
    await bench.everythingArrives();
    expect(bench.rollbacks).toHaveLength(1);
  });

  it('marks nothing under a sequence that was given before', async () => {
    const lying = { isOn: false };
    bench.startRelay({
      publisher: {
        async publish(messages) {
          const outcomes = await stream.publisher.publish(messages);
          if (!lying.isOn) return outcomes;
          lying.isOn = false;
          return outcomes.map((outcome) => (outcome.ok ? { ...outcome, sequence: 3 } : outcome));
        },
      },
    });
    await bench.publish(10);
    lying.isOn = true;
    await bench.publish(1);
    await bench.everythingArrives();
    expect((await ledger(dataSource)).map((row) => Number(row.sequence))).toEqual(
      Array.from({ length: 11 }, (_, index) => index + 1),
    );
    expect(bench.rollbacks).toMatchObject([{ signs: ['it assigned a sequence twice'], to: 10, reopened: 0 }]);
  });

  it('takes two events under one sequence for a sign, and publishes both again', async () => {
    const relay = bench.startRelay();
    await bench.publish(10);
    await relay.stop();
    const [lost] = bench.committed.slice(8);
    await dataSource.query('update outbox set sequence = 10 where event_id = $1', [lost?.id]);
    bench.startRelay();
    await waitFor(() => bench.rollbacks.length > 0);
    await bench.everythingArrives();
    expect(bench.rollbacks).toMatchObject([{ to: 8, reopened: 2 }]);
  });

  it('gives no false alarm: restarts, duplicates, purges, what has aged, and what a person deleted', async () => {
    const relay = bench.startRelay();
    await bench.publish(20);
    await bench.whileDown('pause', () => bench.emit(5));
    await bench.whileDown('kill', () => bench.emit(5));
    await bench.everythingArrives();
    const manager = await stream.manager();
    await manager.streams.deleteMessage('TICKETS', 30);
    await relay.stop();
    // A crash between publish and mark: what is published again is a duplicate with an old sequence.
    await dataSource.query(`update outbox set published_at = null, stream = null, sequence = null where sequence = 12`);
    const second = bench.startRelay();
    await waitFor(() => second.problem() === null);
    await bench.publish(1);
    await manager.streams.purge('TICKETS', { keep: 3 });
    await bench.publish(1);
    await manager.streams.purge('TICKETS');
    await bench.whileDown('pause', () => undefined);
    await bench.publish(3);
    expect(bench.rollbacks).toEqual([]);
    expect(rollbackLines()).toEqual([]);
  });

  it('publishes nothing before the check, although events wait', async () => {
    const order: string[] = [];
    const { inspector } = stream;
    await bench.emit(3);
    await dataSource.query(`insert into outbox_streams (stream) values ('TICKETS')`);
    bench.startRelay({
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
});
