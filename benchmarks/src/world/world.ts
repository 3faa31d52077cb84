import { setTimeout as pause } from 'node:timers/promises';
import { inboundSubjectOf, subjectOf, type TicketEvent, type TicketEventType } from '@bellhop/contracts/events';
import { SERVICES, type ServiceName, type StreamName, services } from '@bellhop/contracts/streams';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import {
  Cleanups,
  type Issuer,
  type NatsServer,
  type PostgresServer,
  provisionApp,
  type RunningApp,
  startApp,
  startIssuer,
  startNats,
  startPostgres,
  untilReady,
  waitFor,
} from '@bellhop/local-stack';
import { connectionOptions, PostgresClient } from '@bellhop/postgres';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { events, type Kind } from './events.js';

export interface WorldOptions {
  /** The apps to start, each once. Streams and databases exist for all apps. */
  readonly apps: readonly ServiceName[];
  /** `EMAIL_URL`. */
  readonly emailUrl?: string;
  /** Replicas of `notifications`. Default 1. */
  readonly replicas?: number;
  /** More settings for every app. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder for a CPU profile of every app: https://nodejs.org/api/cli.html#--cpu-prof */
const PROFILES = process.env.BENCH_PROFILES;
/** As an operator configures a server of this size. The defaults are for 1 GB of memory, with a checkpoint every minute. */
const POSTGRES = [
  'shared_buffers=2GB',
  'max_wal_size=16GB',
  'checkpoint_timeout=15min',
  // When a ticket became visible to others: the start of latency.
  'track_commit_timestamp=on',
];
const LOOK_MS = 3;
const PUBLISHED_AT_ONCE = 2_000;
const A_DAY_SECONDS = 86_400;
const MAILS = ['email'];

/**
 * A durable Postgres configured for this machine, NATS with its defaults, and the apps as built: the measured system is the one that would run.
 */
export class World {
  readonly apps = new Map<string, RunningApp>();
  nats!: NatsServer;
  issuer!: Issuer;
  connection!: NatsConnection;
  manager!: JetStreamManager;
  private postgres!: PostgresServer;
  private publisher!: JetStreamPublisher;
  private readonly pools = new Map<string, pg.Pool>();
  private readonly cleanups = new Cleanups();

  private constructor(private readonly options: WorldOptions) {}

  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options);
    try {
      await world.start();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  /** Stops everything, the last that was started first. */
  stop(): Promise<void> {
    return this.cleanups.run();
  }

  /** A database with the tables of `notifications`, unused by any app. */
  async spareDatabase(): Promise<string> {
    const url = await this.postgres.createDatabase('spare');
    await provisionApp('notifications', { NATS_URL: this.nats.url, DATABASE_URL: url });
    return url;
  }

  /** A new connection, with the planner settings and prepared statements of the apps' hot path. */
  async client(url: string): Promise<pg.Client> {
    const client = new PostgresClient({ connectionString: connectionOptions(url, { hasGenericPlans: true }).url });
    client.on('error', () => undefined);
    await client.connect();
    this.cleanups.add(() => client.end());
    return client;
  }

  databaseUrl(app: ServiceName): Promise<string> {
    return this.postgres.createDatabase(services[app].database);
  }

  /** Connections to the database of an app. */
  pool(of: ServiceName): pg.Pool {
    return this.pools.get(of) as pg.Pool;
  }

  async rows<Row extends object>(of: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool(of).query(sql, values)).rows as Row[];
  }

  async count(of: ServiceName, sql: string, values: unknown[] = []): Promise<number> {
    const [row] = await this.rows<{ count: string }>(of, sql, values);
    return Number(row?.count);
  }

  /** Publishes events like the relay of `tickets`, and waits until the stream has stored them all. */
  async publish(count: number, kind: Kind, onProgress?: (published: number) => void): Promise<void> {
    const next = events(kind);
    for (let published = 0; published < count; published += PUBLISHED_AT_ONCE) {
      const outcomes = await this.publisher.publish(
        Array.from({ length: Math.min(PUBLISHED_AT_ONCE, count - published) }, next),
      );
      const failed = outcomes.find(({ ok }) => !ok);
      if (failed && !failed.ok) throw failed.error;
      onProgress?.(published + outcomes.length);
    }
  }

  /** Pauses the consumer of a stream, so that work starts with all published events at {@link release}. */
  async hold(stream: StreamName): Promise<void> {
    await this.manager.consumers.pause(stream, 'notifications', new Date(Date.now() + A_DAY_SECONDS * 1_000));
  }

  /**
   * Resumes the consumer. The server takes up to five seconds to serve a request that waited during the pause. That is not part of the
   * measurement, so this resolves when the first event is delivered.
   */
  async release(stream: StreamName): Promise<void> {
    const delivered = async () => (await this.manager.consumers.info(stream, 'notifications')).delivered.consumer_seq;
    const before = await delivered();
    await this.manager.consumers.resume(stream, 'notifications');
    while ((await delivered()) === before) await pause(LOOK_MS);
  }

  /** Publishes the given events, as another system if one is named. */
  async publishEvents(all: readonly TicketEvent[], system?: string): Promise<void> {
    const messages = all.map((event) => {
      const type = event.type as TicketEventType;
      const subject = system === undefined ? subjectOf(type) : inboundSubjectOf(system, type);
      return { subject, id: event.id, data: Buffer.from(JSON.stringify(event)) };
    });
    for (let first = 0; first < messages.length; first += PUBLISHED_AT_ONCE) {
      const outcomes = await this.publisher.publish(messages.slice(first, first + PUBLISHED_AT_ONCE));
      const failed = outcomes.find(({ ok }) => !ok);
      if (failed && !failed.ok) throw failed.error;
    }
  }

  /** A database for a rival. */
  foreignDatabase(name: string): Promise<string> {
    return this.postgres.createDatabase(name);
  }

  async kill(app: ServiceName): Promise<void> {
    await this.apps.get(app)?.stop('SIGKILL');
  }

  async revive(app: ServiceName): Promise<void> {
    await this.startApp(app, app, await this.databaseUrl(app));
  }

  /** How many events of a stream `notifications` has not committed. */
  async left(stream: StreamName): Promise<number> {
    const { num_pending: pending, num_ack_pending: underWay } = await this.manager.consumers.info(
      stream,
      'notifications',
    );
    return pending + underWay;
  }

  /** Waits until all events of a stream are committed. */
  async untilConsumed(stream: StreamName, timeoutMs = 120_000): Promise<void> {
    await waitFor(async () => (await this.left(stream)) === 0, { timeoutMs, what: `${stream} to be consumed` });
  }

  /** Waits until every due delivery over these channels is settled. Those in their digest window are not due. */
  async untilDelivered(channels = MAILS, timeoutMs = 120_000): Promise<void> {
    const isDone = async () => (await this.undelivered(channels)) === 0;
    await waitFor(isDone, { timeoutMs, what: `everything to be delivered over ${channels}` });
  }

  /** How many are due or being sent. */
  undelivered(channels = MAILS): Promise<number> {
    return this.count(
      'notifications',
      `select (select count(*) from deliveries where channel = any ($1) and (state || '') in ('pending', 'retrying', 'unknown') and due_at <= now() + interval '1 hour')
         + (select count(*) from deliveries where channel = any ($1) and (state || '') in ('leased', 'sending')) as count`,
      [channels],
    );
  }

  /** Waits until the provider has accepted so many mails in total. */
  async untilTold(mails: number, timeoutMs = 120_000): Promise<void> {
    await waitFor(async () => (await this.told()) >= mails, { timeoutMs, what: `${mails} mails to be taken` });
  }

  /** How many mails are recorded as accepted. */
  told(): Promise<number> {
    return this.count(
      'notifications',
      `select count(*) from deliveries where channel = 'email' and state = 'accepted'`,
    );
  }

  /** When the newest of them was settled. */
  async lastSettledAt(channels = MAILS): Promise<number> {
    const sql = 'select max(settled_at) as at from deliveries where channel = any ($1)';
    const [row] = await this.rows<{ at: Date }>('notifications', sql, [channels]);
    return row?.at.getTime() ?? Number.NaN;
  }

  memoryBytes(app: string): Promise<number> {
    return this.metric(app, 'process_resident_memory_bytes');
  }

  /** One that has no labels but those that all have. */
  async metric(app: string, name: string): Promise<number> {
    const text = await (await fetch(`${this.apps.get(app)?.opsUrl}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{\\S*)? (\\S+)`, 'm').exec(text)?.[1]);
  }

  private async start(): Promise<void> {
    [this.postgres, this.nats, this.issuer] = await Promise.all([
      this.cleanups.owned(startPostgres({ isDurable: true, settings: POSTGRES })),
      this.cleanups.owned(startNats()),
      this.cleanups.owned(startIssuer()),
    ]);
    const databases = SERVICES.map(async (app) => [app, await this.databaseUrl(app)] as const);
    const urls = new Map<ServiceName, string>(await Promise.all(databases));
    for (const [app, url] of urls) {
      const pool = new pg.Pool({ connectionString: url, max: 4 });
      pool.on('error', () => undefined);
      this.pools.set(app, pool);
      this.cleanups.add(() => pool.end());
    }
    await Promise.all(
      SERVICES.map((app) => provisionApp(app, { NATS_URL: this.nats.url, DATABASE_URL: urls.get(app) ?? '' })),
    );
    this.connection = await connect({ servers: this.nats.url });
    this.cleanups.add(() => this.connection.close());
    this.manager = await jetstreamManager(this.connection);
    const link = new NatsLink({ url: this.nats.url, name: 'bench', inboxPrefix: '_INBOX', log: () => undefined });
    link.start();
    await link.connected();
    this.publisher = new JetStreamPublisher({ link });
    this.cleanups.add(async () => {
      this.publisher.close();
      await link.close();
    });
    const { apps, replicas = 1 } = this.options;
    const further = Array.from({ length: replicas - 1 }, (_, index) => `notifications-${index + 2}`);
    await Promise.all([
      ...apps.map((app) => this.startApp(app, app, urls.get(app) ?? '')),
      ...further.map((name) => this.startApp('notifications', name, urls.get('notifications') ?? '')),
    ]);
  }

  private async startApp(app: ServiceName, name: string, databaseUrl: string): Promise<void> {
    const folder = await this.cleanups.folder('bench-attachments-');
    const running = await startApp({
      app,
      nodeArgs: PROFILES ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : [],
      env: {
        NATS_URL: this.nats.url,
        DATABASE_URL: databaseUrl,
        PUBLIC_URL: 'https://support.example.test',
        OIDC_ISSUER: this.issuer.issuer,
        OIDC_AUDIENCE: this.issuer.audience,
        ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
        ATTACHMENTS_FOLDER: folder,
        GUEST_AUTH_KEY: Buffer.alloc(32, 9).toString('base64'),
        EMAIL_URL: this.options.emailUrl ?? 'resend://nobody@127.0.0.1:9',
        EMAIL_FROM: 'Example Support <support@example.test>',
        PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
        // Mails that are not urgent are not sent, so that intake can be measured alone.
        ALERT_QUIET_SECONDS: '3600',
        ALERT_MAX_WAIT_SECONDS: String(A_DAY_SECONDS),
        ...this.options.env,
      },
    });
    this.apps.set(name, running);
    // A process writes its profile during a normal shutdown.
    this.cleanups.add(() => running.stop(PROFILES ? 'SIGTERM' : 'SIGKILL'));
    await untilReady(name, running.opsUrl);
  }
}
