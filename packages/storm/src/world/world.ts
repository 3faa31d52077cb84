import { SERVICES, type ServiceName, services } from '@bellhop/contracts/streams';
import {
  Cleanups,
  freePort,
  type Issuer,
  type NatsServer,
  type PostgresServer,
  provisionApp,
  startIssuer,
  startNats,
  startPostgres,
  startTcpProxy,
  type TcpProxy,
  waitFor,
  withErp,
} from '@bellhop/local-stack';
import { collect } from '../checker/collect.js';
import type { Evidence, StreamName } from '../checker/evidence.js';
import { People } from '../people/people.js';
import { WriterLog } from '../writers/writer-log.js';
import { Databases } from './databases.js';
import { type LinkName, ManagedApp, type UnexpectedEnd } from './managed-app.js';
import type { StormProvider } from './provider.js';
import { PushProvider } from './push-provider.js';
import { startResendProvider } from './resend-provider.js';
import { startSmtpProvider } from './smtp-provider.js';
import { StreamReader } from './streams.js';

const AGENTS_EMAIL = 'team@example.test';
const ERP_PASSWORD = 'secret_of_erp';
export const LEASE_MS = 2_000;

export interface ReplicaOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Not started with the world; the caller starts it later. */
  readonly isStartedLater?: boolean;
}

export interface WorldOptions {
  readonly provider: 'resend' | 'smtp';
  /** Replicas of `notifications`, each with its own options. Default two without any. */
  readonly replicas?: readonly ReplicaOptions[];
  /** The same for `tickets`. */
  readonly tickets?: ReplicaOptions;
  /** With `guest-auth` and guests. Default false. */
  readonly hasGuests?: boolean;
  /** With a second outside system beside `crm`, which also publishes unusable events. Default false. */
  readonly hasErp?: boolean;
  /** For every process of `notifications`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Every line that a process writes. */
  readonly onLine?: (process: string, line: string) => void;
}

/** All of Bellhop on real servers of its own, with a network in between that can be disturbed. */
export class World {
  readonly log = new WriterLog();
  readonly replicas: ManagedApp[] = [];
  tickets!: ManagedApp;
  guestAuth: ManagedApp | undefined;
  postgres!: PostgresServer;
  nats!: NatsServer;
  issuer!: Issuer;
  provider!: StormProvider;
  push!: PushProvider;
  people!: People;
  databases!: Databases;
  private reader!: StreamReader;
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

  get apps(): readonly ManagedApp[] {
    return [this.tickets, ...this.replicas, ...(this.guestAuth ? [this.guestAuth] : [])];
  }

  private get services(): readonly ServiceName[] {
    return SERVICES.filter((app) => app !== 'guest-auth' || this.guestAuth);
  }

  /** The processes that start with the world. */
  private get startedAtOnce(): readonly ManagedApp[] {
    const { tickets, replicas = [] } = this.options;
    return this.apps.filter((app) => {
      const options = app === this.tickets ? tickets : replicas[this.replicas.indexOf(app)];
      return options?.isStartedLater !== true;
    });
  }

  /** Where `erp` publishes, with its credentials. */
  get erpUrl(): string | undefined {
    return this.options.hasErp ? `nats://erp:${ERP_PASSWORD}@127.0.0.1:${this.nats.port}` : undefined;
  }

  get unexpectedEnds(): UnexpectedEnd[] {
    return this.apps.flatMap((app) => app.unexpectedEnds);
  }

  /** Ends every fault of network and provider. Whoever stopped a process or server starts it again. */
  async heal(): Promise<void> {
    await Promise.all([this.provider.behave(), this.push.behave()]);
    for (const app of this.apps) {
      app.thaw();
      for (const link of Object.values(app.links)) link.heal();
    }
  }

  untilReady(timeoutMs = 60_000): Promise<unknown> {
    const all = async () => (await Promise.all(this.startedAtOnce.map((app) => app.isReady()))).every(Boolean);
    return waitFor(all, { timeoutMs, what: 'every process to be ready' });
  }

  /**
   * Waits until everything is published, consumed and settled. Deliveries that wait for their next attempt are made due, because waiting for
   * two hours shows nothing. False when that takes longer than `timeoutMs`.
   */
  async untilQuiet(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if ((await this.isQuiet()) && (await this.isQuiet())) return true;
      await this.databases.rows(
        'notifications',
        // Of a mail without a key a repetition is not safe: an unanswered attempt waits for a late answer.
        `update deliveries set due_at = now()
         where (state = 'retrying' or state = 'unknown' and ($1 or channel <> 'email')) and reason is distinct from 'ceiling'
           and due_at > now() + interval '1 second'`,
        [this.provider.kind === 'resend'],
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return false;
  }

  lastSequence(stream: StreamName): Promise<number> {
    return this.reader.lastSequence(stream);
  }

  /** Deliveries that are recorded as accepted. */
  async countAccepted(): Promise<number> {
    const [row] = await this.databases.rows<{ count: number }>(
      'notifications',
      `select count(*)::int as count from deliveries where state = 'accepted'`,
    );
    return row?.count ?? 0;
  }

  async collect(): Promise<Evidence> {
    const { provider, push, people, databases, reader, log } = this;
    const isAnyReady = (await Promise.all(this.replicas.map((app) => app.isReady()))).some(Boolean);
    const evidence = await collect({
      ...{ provider, push, people, databases, reader, log, services: this.services, isAnyReady },
      agentsAddress: AGENTS_EMAIL,
    });
    const restarts = this.replicas.reduce((sum, { starts }) => sum + Math.max(starts - 1, 0), 0);
    return { ...evidence, unexpectedEnds: this.unexpectedEnds, restarts };
  }

  /** Stops everything, the last that was started first. */
  stop(): Promise<void> {
    return this.cleanups.run();
  }

  private async start(): Promise<void> {
    const conf = await this.cleanups.folder('storm-nats-');
    [this.postgres, this.nats, this.issuer, this.provider, this.push] = await Promise.all([
      this.cleanups.owned(startPostgres()),
      this.cleanups.owned(
        startNats({ accounts: true, ...(this.options.hasErp && { configuration: withErp(conf, ERP_PASSWORD) }) }),
      ),
      this.cleanups.owned(startIssuer()),
      this.cleanups.owned(this.options.provider === 'resend' ? startResendProvider() : startSmtpProvider()),
      this.cleanups.owned(PushProvider.start()),
    ]);
    const databases = SERVICES.map(async (app) => [app, await this.postgres.createDatabase(services[app].database)]);
    const urls = Object.fromEntries(await Promise.all(databases)) as Record<ServiceName, string>;
    this.databases = await this.cleanups.owned(Promise.resolve(new Databases(urls)));
    this.tickets = await this.process('tickets', 'tickets', urls.tickets, this.options.tickets ?? {});
    for (const [index, replica] of (this.options.replicas ?? [{}, {}]).entries())
      this.replicas.push(
        await this.process('notifications', `notifications-${index + 1}`, urls.notifications, replica),
      );
    if (this.options.hasGuests) this.guestAuth = await this.process('guest-auth', 'guest-auth', urls['guest-auth'], {});
    this.people = await this.cleanups.owned(Promise.resolve(new People(this.push, this.issuer, this.replicas)));
    const natsUrl = this.nats.urlFor('provisioner');
    await Promise.all(SERVICES.map((app) => provisionApp(app, { NATS_URL: natsUrl, DATABASE_URL: urls[app] })));
    this.reader = await this.cleanups.owned(StreamReader.connect(this.nats.urlFor('provisioner')));
    await this.provider.reportTo(this.replicas[0]?.url ?? '');
    await Promise.all(this.startedAtOnce.map((app) => app.start()));
    await this.untilReady();
  }

  private async process(
    app: ServiceName,
    name: string,
    database: string,
    special: ReplicaOptions,
  ): Promise<ManagedApp> {
    const links: Record<LinkName, TcpProxy> = {
      nats: await this.cleanups.owned(startTcpProxy(this.nats.port)),
      postgres: await this.cleanups.owned(startTcpProxy(this.postgres.port)),
      provider: await this.cleanups.owned(startTcpProxy(this.provider.port)),
    };
    const folder = await this.cleanups.folder('storm-attachments-');
    const managed = new ManagedApp({
      app,
      name,
      links,
      env: {
        NATS_URL: through(this.nats.urlFor(app), links.nats),
        DATABASE_URL: through(database, links.postgres),
        PORT: String(await freePort()),
        PUBLIC_URL: 'https://support.example.test',
        OIDC_ISSUER: this.issuer.issuer,
        OIDC_AUDIENCE: this.issuer.audience,
        // Each guest has a network of its own.
        ...(app !== 'notifications' && { TRUSTED_PROXIES: '127.0.0.1' }),
        ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
        ...(app === 'tickets' && { ATTACHMENTS_FOLDER: folder }),
        ...(app === 'guest-auth' && { GUEST_AUTH_KEY: Buffer.alloc(32, 9).toString('base64') }),
        ...(app === 'notifications' && { ...this.mailSettings(links.provider), ...this.options.env }),
        ...special.env,
      },
      onLine: (line) => this.options.onLine?.(name, line),
    });
    this.cleanups.add(() => managed.kill('SIGKILL'));
    return managed;
  }

  private mailSettings(link: TcpProxy): Record<string, string> {
    return {
      EMAIL_URL: this.provider.urlThrough(link.port),
      EMAIL_FROM: 'Example Support <support@example.test>',
      AGENTS_EMAIL,
      PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
      INBOUND_SYSTEMS: 'crm=https://crm.example.com/,erp=https://erp.example.com/',
      ALERT_QUIET_SECONDS: '1',
      ALERT_MAX_WAIT_SECONDS: '3',
      LEASE_SECONDS: String(LEASE_MS / 1_000),
      ...this.provider.settings,
      ...this.push.settings,
    };
  }

  private async isQuiet(): Promise<boolean> {
    const [open] = await this.databases.rows<{ count: number }>(
      'notifications',
      `select (select count(*) from deliveries where state not in ('accepted', 'dead', 'skipped'))::int
            + (select count(*) from outbox where published_at is null)::int as count`,
    );
    if (open?.count !== 0 || !(await this.provider.isAtRest())) return false;
    for (const app of ['tickets', 'guest-auth'] as const) {
      const [unpublished] = await this.databases.rows<{ count: number }>(
        app,
        'select count(*)::int as count from outbox where published_at is null',
      );
      if (unpublished?.count !== 0) return false;
    }
    const states = await this.reader.consumers(this.services);
    return states.every(({ pending, unacknowledged }) => pending + unacknowledged === 0);
  }
}

/** The same address through a proxy. */
function through(address: string, { port }: TcpProxy): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}
