import type { BellhopEvent } from '@bellhop/contracts/events';
import { streams } from '@bellhop/contracts/streams';
import { JetStreamPublisher, NatsLink, provisionJetStream, StreamInspector } from '@bellhop/jetstream';
import { type NatsServer, startNats, testDatabase } from '@bellhop/local-stack';
import { jetstreamManager } from '@nats-io/jetstream';
import { DataSource } from 'typeorm';
import {
  AddInboxContents,
  appendEvents,
  CreateInbox,
  CreateOutbox,
  CreateOutboxStreams,
  OutboxRelay,
  type OutboxRelayOptions,
} from '../src/index.js';
import type { RelayLogLine } from '../src/relay/ports.js';

/** A data source as an app has it; its pool keeps quiet when a test takes Postgres away. */
export async function openDataSource(url: string): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: [CreateOutbox, CreateInbox, CreateOutboxStreams, AddInboxContents],
    connectTimeoutMS: 2_000,
    poolErrorHandler: () => {},
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return dataSource;
}

/** A fresh database with outbox and inbox, and as many data sources (replicas) as a test opens. */
export async function freshDatabase() {
  const database = await testDatabase();
  const opened: DataSource[] = [];
  return {
    url: database.url,
    async open(): Promise<DataSource> {
      const dataSource = await openDataSource(database.url);
      opened.push(dataSource);
      return dataSource;
    },
    async drop(): Promise<void> {
      await Promise.all(opened.filter((dataSource) => dataSource.isInitialized).map((one) => one.destroy()));
      await database.drop();
    },
  };
}

export interface StoredEvent {
  id: string;
  subject: string;
  sequence: number;
  text: string;
}

/** A NATS server with the TICKETS stream, and ways to publish to it and to look into it. */
export async function freshStream() {
  const server: NatsServer = await startNats();
  const link = new NatsLink({ url: server.url, name: 'outbox-test', log: () => {} });
  link.start();
  const connection = await link.connected();
  await provisionJetStream(connection, { streams: [streams.TICKETS], consumers: [], replicas: 1, apply: true });
  const publisher = new JetStreamPublisher({ link, timeoutMs: 2_000 });
  return {
    server,
    link,
    publisher,
    inspector: new StreamInspector(link),
    /** Everything in the stream, in its order. */
    async stored(): Promise<StoredEvent[]> {
      const manager = await jetstreamManager(await link.connected());
      const { state } = await manager.streams.info('TICKETS');
      const found: StoredEvent[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage('TICKETS', { seq });
        if (!message) continue;
        const id = message.header.get('Nats-Msg-Id');
        found.push({ id, subject: message.subject, sequence: seq, text: new TextDecoder().decode(message.data) });
      }
      return found;
    },
    /** As after a crash that took the end of the stream: it has these messages, from sequence 1, and remembers no others. */
    async recreate(ids: string[]): Promise<void> {
      const manager = await jetstreamManager(await link.connected());
      const { config } = await manager.streams.info('TICKETS');
      await manager.streams.delete('TICKETS');
      await manager.streams.add(config);
      await publisher.publish(ids.map((id) => ({ subject: 'tickets.v1.replied', id, data: new Uint8Array() })));
    },
    /** A durable consumer of the stream, as a service has it. */
    async provisionConsumer(): Promise<void> {
      await provisionJetStream(await link.connected(), {
        streams: [streams.TICKETS],
        consumers: [{ stream: 'TICKETS', service: 'notifications' }],
        replicas: 1,
        apply: true,
      });
    },
    async manager() {
      return jetstreamManager(await link.connected());
    },
    async purge(): Promise<void> {
      await (await jetstreamManager(await link.connected())).streams.purge('TICKETS');
    },
    async stop(): Promise<void> {
      publisher.close();
      await link.close();
      await server.stop();
    },
  };
}

/** Relays that a spec started; `stopAll` belongs in its afterEach. */
export function relays() {
  const started: OutboxRelay[] = [];
  return {
    start(options: Omit<OutboxRelayOptions, 'log'>, lines: RelayLogLine[] = []): OutboxRelay {
      const note = (line: RelayLogLine) => void lines.push(line);
      const log = { log: note, warn: note, error: note };
      const relay = new OutboxRelay({ pollMs: 20, ...options, log });
      started.push(relay);
      relay.start();
      return relay;
    },
    async stopAll(): Promise<void> {
      await Promise.all(started.splice(0).map((relay) => relay.stop()));
    },
  };
}

export function commit(dataSource: DataSource, ...events: BellhopEvent[]): Promise<void> {
  return dataSource.transaction((manager) => appendEvents(manager, events));
}

export interface LedgerRow {
  event_id: string;
  published_at: Date | null;
  stream: string | null;
  sequence: string | null;
  data: string;
}

export function ledger(dataSource: DataSource): Promise<LedgerRow[]> {
  return dataSource.query('select event_id, published_at, stream, sequence, data from outbox order by id');
}

export async function isAllPublished(dataSource: DataSource): Promise<boolean> {
  const rows = await ledger(dataSource);
  return rows.every((row) => row.published_at !== null);
}

/** Whether the relay has looked at the stream and knows when it was made. */
export async function isRemembered(dataSource: DataSource): Promise<boolean> {
  const rows = await dataSource.query('select 1 from outbox_streams where stream_created_at is not null');
  return rows.length > 0;
}
