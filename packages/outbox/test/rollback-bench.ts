import type { BellhopEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { expect } from '@jest/globals';
import { DeliverPolicy } from '@nats-io/jetstream';
import type { DataSource } from 'typeorm';
import type { OutboxRelay, OutboxRelayOptions } from '../src/index.js';
import type { EventPublisher, RelayLogLine, Rollback, StreamInspector } from '../src/relay/ports.js';
import { commit, freshDatabase, freshStream, isAllPublished, relays } from './fixture.js';
import { Reader } from './reader.js';

/** A database, a stream with a consumer and its reader, and what relays have told of both; `stop` ends all of it. */
export class RollbackBench {
  readonly rollbacks: Rollback[] = [];
  readonly lines: RelayLogLine[] = [];
  /** Every event that `emit` has committed, in order. */
  readonly committed: BellhopEvent[] = [];
  reader: Reader;
  private readonly running = relays();

  private constructor(
    readonly database: Awaited<ReturnType<typeof freshDatabase>>,
    readonly stream: Awaited<ReturnType<typeof freshStream>>,
    readonly dataSource: DataSource,
  ) {}

  static async start(): Promise<RollbackBench> {
    const [database, stream] = await Promise.all([freshDatabase(), freshStream()]);
    return new RollbackBench(database, stream, await database.open());
  }

  async stop(): Promise<void> {
    await Promise.all([this.database.drop(), this.stream.stop()]);
  }

  /** Empties database and stream, and has the consumer read again. */
  async begin(): Promise<void> {
    await this.dataSource.query('truncate outbox, outbox_streams');
    await this.recreateStream();
    for (const list of [this.rollbacks, this.lines, this.committed]) list.length = 0;
    this.readAgain();
  }

  /** Ends what one test started. */
  async end(): Promise<void> {
    await this.reader.stop();
    await this.running.stopAll();
  }

  readAgain(): void {
    this.reader = new Reader(this.stream.server.url);
  }

  startRelay(options: Partial<Omit<OutboxRelayOptions, 'log'>> = {}): OutboxRelay {
    return this.running.start(
      {
        dataSource: this.dataSource,
        publisher: this.stream.publisher,
        inspector: this.stream.inspector,
        onRollback: (rollback) => void this.rollbacks.push(rollback),
        ...options,
      },
      this.lines,
    );
  }

  async emit(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => buildEvent('ticket.replied.v1'));
    await commit(this.dataSource, ...events);
    this.committed.push(...events);
  }

  async publish(count: number): Promise<void> {
    await this.emit(count);
    await waitFor(() => isAllPublished(this.dataSource));
  }

  async everythingArrives(atReader: readonly BellhopEvent[] = this.committed): Promise<void> {
    await waitFor(() => isAllPublished(this.dataSource), { what: 'everything to be published', timeoutMs: 20_000 });
    await this.reader.hasSeen(atReader.map((event) => event.id));
    const stored = new Set((await this.stream.stored()).map((message) => message.id));
    expect(this.committed.map((event) => event.id).filter((id) => !stored.has(id))).toEqual([]);
  }

  async whileDown<T>(how: 'pause' | 'kill', work: () => T | Promise<T>): Promise<T> {
    // So that a killed server has written down how far its consumers are.
    if (!this.reader.isStopping) await this.reader.hasSeen(this.committed.map((event) => event.id));
    await this.stream.server[how]();
    try {
      return await work();
    } finally {
      await this.stream.server.resume();
      await waitFor(async () => (await this.stream.inspector.inspect('TICKETS')) !== null);
    }
  }

  async recreateStream(): Promise<void> {
    await (await this.stream.manager()).streams.delete('TICKETS');
    await this.stream.provisionConsumer();
  }

  /** The consumer stands where no message is: nats-server 2.14 leaves none so when it starts, older ones do. */
  async standAhead(sequence: number): Promise<void> {
    const manager = await this.stream.manager();
    const { config } = await manager.consumers.info('TICKETS', 'notifications');
    await manager.consumers.delete('TICKETS', 'notifications');
    const start = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence + 1 };
    await manager.consumers.add('TICKETS', { ...config, ...start });
    const { delivered } = await manager.consumers.info('TICKETS', 'notifications');
    expect(delivered.stream_seq).toBe(sequence);
  }
}

/** The same inspector, for a test to replace some of its methods. */
export function delegating(inspector: StreamInspector): StreamInspector {
  return {
    get connections() {
      return inspector.connections;
    },
    inspect: (name) => inspector.inspect(name),
    idAt: (name, sequence) => inspector.idAt(name, sequence),
    rebuildConsumers: (name, end, blueprints) => inspector.rebuildConsumers(name, end, blueprints),
  };
}

export function asMessage(event: BellhopEvent): Parameters<EventPublisher['publish']>[0][number] {
  return { subject: 'tickets.v1.replied', id: event.id, data: Buffer.from(JSON.stringify(event)) };
}
