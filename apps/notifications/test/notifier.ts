import {
  type EventOf,
  inboundSubjectOf,
  type NotificationEventType,
  subjectOf,
  type TicketEvent,
} from '@bellhop/contracts/events';
import { consumerName, type StreamDefinition, streams } from '@bellhop/contracts/streams';
import { JetStreamPublisher, NatsLink, type PublishOutcome, provisionJetStream } from '@bellhop/jetstream';
import {
  type NatsCluster,
  type NatsServer,
  provisionApp,
  type RunningApp,
  startApp,
  startNats,
  testDatabase,
  untilReady,
  waitFor,
} from '@bellhop/local-stack';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';

export interface NotifierOptions {
  emailUrl: string;
  /** More settings, or other ones. */
  env?: Record<string, string>;
  /** The spec's own Postgres and NATS, for specs that stop them. */
  databaseUrl?: string;
  nats?: NatsServer | NatsCluster;
}

/** Creates streams of services that do not run here, as the user who may create them. */
export async function provisionStreams(natsUrl: string, definitions: StreamDefinition[], replicas = 1): Promise<void> {
  const link = new NatsLink({ url: natsUrl, name: 'provisioner', log: () => undefined });
  link.start();
  try {
    const connection = await link.connected();
    await provisionJetStream(connection, { streams: definitions, consumers: [], replicas, apply: true });
  } finally {
    await link.close();
  }
}

/** The built app `notifications` in its own processes, with its own database and NATS server. */
export class Notifier {
  readonly replicas: RunningApp[] = [];
  private readonly link: NatsLink;
  /** Can read every stream and consumer, also with accounts. */
  private readonly provisioner: NatsLink;
  private readonly publisher: JetStreamPublisher;
  readonly database: pg.Pool;
  private readonly lines: string[] = [];

  private constructor(
    readonly nats: NatsServer | NatsCluster,
    databaseUrl: string,
    private readonly env: Record<string, string>,
    private readonly cleanups: (() => Promise<void>)[],
  ) {
    this.database = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    this.database.on('error', () => undefined);
    // Without accounts everybody may do everything; with them, only `tickets` may publish to its stream.
    this.link = new NatsLink({ url: nats.urlFor('tickets'), name: 'tickets', log: () => undefined });
    this.link.start();
    this.provisioner = new NatsLink({ url: nats.urlFor('provisioner'), name: 'provisioner', log: () => undefined });
    this.provisioner.start();
    this.publisher = new JetStreamPublisher({ link: this.link });
  }

  static async start(options: NotifierOptions): Promise<Notifier> {
    const cleanups: (() => Promise<void>)[] = [];
    const database = options.databaseUrl ? undefined : await testDatabase();
    if (database) cleanups.push(() => database.drop());
    const nats = options.nats ?? (await startNats());
    if (!options.nats) cleanups.push(() => nats.stop());
    const databaseUrl = options.databaseUrl ?? (database?.url as string);
    const env = {
      NATS_URL: nats.urlFor('notifications'),
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: 'https://support.example.test',
      EMAIL_URL: options.emailUrl,
      EMAIL_FROM: 'Example Support <support@example.test>',
      AGENTS_EMAIL: 'team@example.test',
      ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
      PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
      INBOUND_SYSTEMS: 'crm=https://crm.example.com/,erp=https://erp.example.com/help/',
      OIDC_ISSUER: 'http://127.0.0.1:9',
      OIDC_AUDIENCE: 'bellhop',
      ALERT_QUIET_SECONDS: '1',
      ALERT_MAX_WAIT_SECONDS: '5',
      LEASE_SECONDS: '2',
      ...options.env,
    };
    const notifier = new Notifier(nats, databaseUrl, env, cleanups);
    try {
      await notifier.provision();
      await notifier.addReplica();
    } catch (error) {
      // Whoever asked for it gets nothing to stop, and a server that is left behind keeps the run from ending.
      await notifier.stop();
      throw error;
    }
    return notifier;
  }

  /** The TICKETS stream belongs to another service, which is not here. */
  private async provision(): Promise<void> {
    const natsUrl = this.nats.urlFor('provisioner');
    await provisionStreams(natsUrl, [streams.TICKETS], Number(this.env.NATS_REPLICAS ?? 1));
    await provisionApp('notifications', { ...this.env, NATS_URL: natsUrl });
  }

  async addReplica(env: Record<string, string> = {}): Promise<RunningApp> {
    const replica = await startApp({
      app: 'notifications',
      env: { ...this.env, ...env },
      onLine: (line) => this.lines.push(line),
    });
    this.replicas.push(replica);
    return replica;
  }

  async stopReplicas(): Promise<void> {
    await Promise.all(this.replicas.splice(0).map((replica) => replica.stop()));
  }

  /** Everything that all replicas have logged. */
  logLines(): string[] {
    return this.lines;
  }

  get app(): RunningApp {
    return this.replicas[0] as RunningApp;
  }

  async untilReady(): Promise<void> {
    await untilReady('notifications', this.app.opsUrl);
  }

  /** Publishes ticket events as another system does, or as our own `tickets` does when no system is named. */
  async publish(events: readonly TicketEvent[], system?: string): Promise<PublishOutcome[]> {
    const messages = events.map((event) => ({
      subject: system ? inboundSubjectOf(system, event.type) : subjectOf(event.type),
      id: `${system ?? 'bellhop'}:${event.id}:${crypto.randomUUID()}`,
      data: Buffer.from(JSON.stringify(event)),
    }));
    return this.publisher.publish(messages);
  }

  async publishRaw(subject: string, data: string | Uint8Array): Promise<PublishOutcome> {
    const [outcome] = await this.publisher.publish([{ subject, id: crypto.randomUUID(), data: Buffer.from(data) }]);
    return outcome as PublishOutcome;
  }

  /** The decisions about an event and mails, each with the state of its delivery, once there are any. */
  async decisions(eventId: string): Promise<{ recipient_key: string; reason: string | null; state: string | null }[]> {
    return waitFor(
      async () => {
        const { rows } = await this.database.query(
          `select c.recipient_key, coalesce(c.reason, d.reason) as reason, d.state from decisions c
           left join deliveries d on d.id = c.delivery_id where c.event_id = $1 and c.channel in ('', 'email') order by 1`,
          [eventId],
        );
        return rows.length > 0 && rows;
      },
      { what: `a decision about ${eventId}` },
    );
  }

  /** Of mails. */
  async countDeliveries(): Promise<number> {
    const { rows } = await this.database.query<{ count: number }>(
      `select count(*)::int as count from deliveries where channel = 'email'`,
    );
    return rows[0]?.count ?? 0;
  }

  async messagesIn(stream: string): Promise<number> {
    return (await (await this.manager()).streams.info(stream)).state.messages;
  }

  private async manager(): Promise<JetStreamManager> {
    return jetstreamManager(await this.provisioner.connected(), { checkAPI: false });
  }

  /** Waits until the app has taken and settled everything that lies in a stream. */
  async untilConsumed(stream: 'TICKETS' | 'INBOUND', timeoutMs = 20_000): Promise<void> {
    const manager = await this.manager();
    await waitFor(
      async () => {
        const { state } = await manager.streams.info(stream);
        const consumer = await manager.consumers.info(stream, consumerName('notifications'));
        // Right after a message was stored the counts may not know of it yet; the floor does.
        const isAllSettled = consumer.ack_floor.stream_seq >= state.last_seq;
        return isAllSettled && consumer.num_pending === 0 && consumer.num_ack_pending === 0;
      },
      { timeoutMs, what: `everything in ${stream} to be consumed` },
    );
  }

  /** What the app has published about its deliveries so far. */
  async notificationEvents(): Promise<EventOf<NotificationEventType>[]> {
    const manager = await jetstreamManager(await this.link.connected());
    const count = await waitFor(async () => (await manager.streams.info('NOTIFICATIONS')).state.messages);
    const messages = Array.from({ length: count }, (_, index) =>
      manager.streams.getMessage('NOTIFICATIONS', { seq: index + 1 }),
    );
    return (await Promise.all(messages)).map((message) => JSON.parse(Buffer.from(message?.data ?? []).toString()));
  }

  /** Waits until nothing is on its way any more. What is over the team's five in a minute waits for one. */
  async untilSettled(timeoutMs = 90_000): Promise<void> {
    await waitFor(
      async () => {
        const { rows } = await this.database.query<{ count: number }>(
          `select count(*)::int as count from deliveries where state not in ('accepted', 'dead', 'skipped')`,
        );
        return rows[0]?.count === 0;
      },
      { timeoutMs, what: 'all deliveries to be settled' },
    );
  }

  async stop(): Promise<void> {
    await this.stopReplicas();
    this.publisher.close();
    await this.link.close();
    await this.provisioner.close();
    await this.database.end();
    for (const cleanup of this.cleanups.reverse()) await cleanup();
  }
}
