import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor, wideReads } from '@bellhop/local-stack';
import { DedicatedConnection } from '@bellhop/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { commit, freshDatabase, ledger } from '../../test/fixture.js';
import { markPublished } from '../sql/mark-published.js';
import { readLedgerAt } from '../sql/read-ledger-at.js';
import { readUnpublished } from '../sql/read-unpublished.js';
import { reopenLedger } from '../sql/reopen-ledger.js';
import type { EventPublisher } from './ports.js';
import { publishPass } from './publish-pass.js';

describe('publishPass', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await database.open();
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('truncate outbox'));
  afterEach(() => void jest.restoreAllMocks());

  interface Passing {
    signal?: AbortSignal;
    batchSize?: number;
    /** Hears the name of each statement. */
    onStatement?(name: string): void;
  }

  async function pass(publisher: EventPublisher, { signal, batchSize = 3, onStatement }: Passing = {}) {
    const session = await DedicatedConnection.open(dataSource);
    const query = session.query.bind(session);
    let isBusy = false;
    session.query = async (name, text, values) => {
      onStatement?.(name);
      // pg lets nobody queue statements on one connection for much longer.
      if (isBusy) throw new Error(`${name} was asked while another statement was on its way`);
      isBusy = true;
      return query<never>(name, text, values).finally(() => {
        isBusy = false;
      });
    };
    let published = 0;
    const onPublished = (count: number) => {
      published += count;
    };
    try {
      const passing = { session, publisher, batchSize, rollbacks: trusting, onPublished };
      const result = await publishPass({ ...passing, signal: signal ?? new AbortController().signal });
      return { ...result, published };
    } finally {
      session.close(true);
    }
  }

  it.each<[string, (session: DedicatedConnection) => Promise<unknown>]>([
    ['reads', (session) => readUnpublished(session, '0', 1)],
    ['marks', (session) => markPublished(session, [])],
    ['looks up in the ledger', (session) => readLedgerAt(session, 'S', 0, 1)],
    ['opens again', (session) => reopenLedger(session, 'S', 0, 1)],
  ])(
    'finds what it %s by index, planned while the outbox is empty, or analyzed after all was published',
    async (_, ask) => {
      const texts: string[] = [];
      const session = {
        query: async (_name: string, text: string) => {
          texts.push(text);
          return [];
        },
      };
      await ask(session as unknown as DedicatedConnection);
      const reads = () =>
        dataSource.transaction(async (manager) => {
          // As the relay's connection has it.
          await manager.query('set local random_page_cost = 1.1');
          await manager.query('set local enable_seqscan = off');
          return wideReads((sql) => manager.query(sql), texts[0] as string);
        });
      expect(await reads()).toEqual([]);
      await dataSource.query(
        `insert into outbox (event_id, subject, data, published_at, stream, sequence)
       select n, 's', '{}', now(), 'S', n from generate_series(1, 5000) n`,
      );
      await dataSource.query('analyze outbox');
      expect(await reads()).toEqual([]);
    },
  );

  it('publishes batch after batch, each row once, in order', async () => {
    const events = Array.from({ length: 8 }, () => buildEvent('ticket.replied.v1'));
    await commit(dataSource, ...events);
    const sink = acceptingSink();
    expect(await pass(sink)).toEqual({ isMoreWaiting: false, published: 8 });
    expect(sink.batches.map((batch) => batch.length)).toEqual([3, 3, 2]);
    expect(sink.batches.flat()).toEqual(events.map((event) => event.id));
  });

  it.each([1, 200])('reads, publishes and marks three full batches of %i one time each', async (batchSize) => {
    await commit(dataSource, ...Array.from({ length: 3 * batchSize }, () => buildEvent('ticket.replied.v1')));
    const steps: string[] = [];
    const sink = acceptingSink();
    const noted: EventPublisher = {
      publish(messages) {
        steps.push(`publish ${messages.length}`);
        return sink.publish(messages);
      },
    };
    // A pass ends after a while: with a clock that stands still, when nothing is left.
    jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    const passed = await pass(noted, { batchSize, onStatement: (name) => void steps.push(name) });
    expect(passed).toEqual({ isMoreWaiting: false, published: 3 * batchSize });
    const [read, publish, mark] = ['outbox_read_unpublished', `publish ${batchSize}`, 'outbox_mark_published'];
    // Each batch is read while the one before is on its way, and marked while the next one is; the last read finds that nothing is left.
    expect(steps).toEqual([read, publish, read, publish, mark, read, publish, mark, read, mark]);
  });

  it('calls the publisher only when events wait', async () => {
    const sink = acceptingSink();
    expect(await pass(sink)).toEqual({ isMoreWaiting: false, published: 0 });
    expect(sink.batches).toEqual([]);
  });

  it('ends at a batch with a failure, and marks what succeeded in it', async () => {
    const events = Array.from({ length: 8 }, () => buildEvent('ticket.replied.v1'));
    await commit(dataSource, ...events);
    const failure = new Error('the stream is full');
    const sink = acceptingSink((id) => (id === events[4]?.id ? failure : undefined));
    expect(await pass(sink)).toEqual({ isMoreWaiting: true, published: 5, failure });
    const unpublished = (await ledger(dataSource)).filter((row) => row.published_at === null);
    expect(unpublished.map((row) => row.event_id)).toEqual([4, 6, 7].map((index) => events[index]?.id));
  });

  it('ends after the current batch when stopped', async () => {
    await commit(dataSource, ...Array.from({ length: 8 }, () => buildEvent('ticket.replied.v1')));
    expect(await pass(acceptingSink(), { signal: AbortSignal.abort() })).toEqual({ isMoreWaiting: true, published: 3 });
  });

  it('rejects when its connection dies while events are on their way, and no failure goes unheard', async () => {
    await commit(dataSource, ...Array.from({ length: 9 }, () => buildEvent('ticket.replied.v1')));
    const unheard: unknown[] = [];
    const listener = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', listener);
    const blocker = dataSource.createQueryRunner();
    await blocker.startTransaction();
    const sink = acceptingSink();
    const cutting: EventPublisher = {
      async publish(messages) {
        const outcomes = await sink.publish(messages);
        // The first batch is on its way: marking it will wait. The second: mark and next read die while it is.
        if (sink.batches.length === 1) await blocker.query('lock table outbox in share mode');
        else await cutWhoeverWaits();
        return outcomes;
      },
    };
    await expect(pass(cutting)).rejects.toThrow(/terminat/);
    await blocker.rollbackTransaction();
    await blocker.release();
    process.off('unhandledRejection', listener);
    expect(unheard).toEqual([]);
    expect((await ledger(dataSource)).filter((row) => row.published_at !== null)).toEqual([]);
  });

  async function cutWhoeverWaits(): Promise<void> {
    const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await waitFor(async () => (await dataSource.query(`select pg_terminate_backend(pid) ${waiting}`)).length > 0);
    await waitFor(async () => (await dataSource.query(`select 1 ${waiting}`)).length === 0);
    // The client hears of it by its socket; a few turns of the event loop later its promises have failed.
    for (let turn = 0; turn < 20; turn++) await dataSource.query('select 1');
  }
});

/** What streams lose is not this spec's matter. */
const trusting = { recordAck: () => true, isDue: false };

/** Takes every event but those for which `refusal` has an error, and remembers the ids of each batch. */
function acceptingSink(refusal: (id: string) => Error | undefined = () => undefined) {
  const batches: string[][] = [];
  const publisher: EventPublisher = {
    async publish(messages) {
      const first = batches.flat().length + 1;
      batches.push(messages.map((message) => message.id));
      return messages.map((message, index) => {
        const error = refusal(message.id);
        return error
          ? { ok: false, error }
          : { ok: true, stream: 'TICKETS', sequence: first + index, isDuplicate: false };
      });
    },
  };
  return { ...publisher, batches };
}
