import { untilReady } from '../servers/app.js';
import { type Mailbox, startMailbox } from '../servers/mailbox.js';
import { type NatsServer, startNats } from '../servers/nats.js';
import { type OidcProvider, startOidc } from '../servers/oidc.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { type KeptApp, keepRunning, runErrand } from './app-runner.js';
import { type AppEntry, apps } from './apps.js';
import type { ConsoleLog } from './console-log.js';
import type { Addresses, DataFolder } from './data-folder.js';
import { appEnvironment } from './environment.js';
import { endLeftover } from './leftovers.js';
import { choosePorts, type Ports } from './ports-of-up.js';

interface Stoppable {
  stop(): Promise<void>;
}

interface Servers {
  postgres: PostgresServer;
  nats: NatsServer;
  mailbox: Mailbox;
  oidc: OidcProvider;
}

/** Everything that `up` runs. What was started so far can be stopped at any moment. */
export class Stack {
  private readonly servers: Stoppable[] = [];
  private readonly apps: Stoppable[] = [];

  constructor(
    private readonly data: DataFolder,
    private readonly log: ConsoleLog,
    private readonly callers: NodeJS.ProcessEnv,
  ) {}

  /** Starts, provisions and seeds all, waits until every app is ready, and returns the addresses for `up.json`. */
  async start(): Promise<Addresses> {
    const ports = await choosePorts();
    const servers = await this.startServers(ports);
    const kept: Record<string, KeptApp> = {};
    const environments = new Map<AppEntry, Record<string, string>>();
    await Promise.all(apps.map(async (app) => environments.set(app, await this.prepare(app, servers, ports))));
    await Promise.all(
      [...environments].map(async ([app, env]) => {
        const running = await keepRunning(app, env, this.log);
        this.apps.push(running);
        kept[app.key] = running;
        await untilReady(app.name, running.opsUrl);
      }),
    );
    for (const [app, env] of environments) await runErrand(app, 'seed', env, this.log);
    return {
      ...urlsOf(kept, 'url'),
      mailbox: servers.mailbox.webUrl,
      smtp: servers.mailbox.smtpUrl,
      nats: servers.nats.urlFor('crm'),
      postgres: servers.postgres.url,
      oidc: servers.oidc.issuer,
      ops: urlsOf(kept, 'opsUrl'),
    };
  }

  /** Apps first: they finish what they have begun, and need the servers for it. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.apps.map((app) => app.stop()));
    await Promise.allSettled(this.servers.map((server) => server.stop()));
  }

  private async startServers(ports: Ports): Promise<Servers> {
    this.log.say('Starting Postgres, NATS, the mailbox and the OpenID provider.');
    const { data, log } = this;
    if (!data.isOpen) {
      log.say(
        `Postgres does not run as root, and other users may not enter ${data.path}: its data are in ${data.postgres}.`,
      );
    }
    const nats = data.folder('nats');
    await endLeftover(`${data.postgres}/postmaster.pid`, data.postgres, 'SIGINT');
    await endLeftover(`${nats}/nats.pid`, nats, 'SIGTERM');
    const start = async <T extends Stoppable>(starting: Promise<T>): Promise<T> => {
      const server = await starting;
      this.servers.push(server);
      return server;
    };
    const { webPort, smtpPort } = ports;
    const [postgres, natsServer, mailbox, oidc] = await Promise.all([
      start(startPostgres({ dataDir: data.postgres, port: ports.postgres, onLine: log.toFile('postgres') })),
      start(startNats({ dataDir: nats, port: ports.nats, accounts: true, onLine: log.toFile('nats') })),
      start(startMailbox({ webPort, smtpPort, dataDir: data.folder('mailbox'), onLine: log.toFile('mailbox') })),
      start(startOidc({ port: ports.oidc, dataDir: data.folder('oidc'), onLine: log.toFile('oidc') })),
    ]);
    return { postgres, nats: natsServer, mailbox, oidc };
  }

  /** Database, streams, consumers and tables of one app. Returns the environment it runs with. */
  private async prepare(
    app: AppEntry,
    { postgres, nats, mailbox, oidc }: Servers,
    ports: Ports,
  ): Promise<Record<string, string>> {
    this.log.say(`Provisioning ${app.name}.`);
    const surroundings = {
      natsUrl: nats.urlFor(app.name),
      databaseUrl: await postgres.createDatabase(app.database),
      port: ports[app.name],
      opsPort: ports[`${app.name}:ops`],
      publicUrl: `http://localhost:${ports.edge}`,
      smtpUrl: mailbox.smtpUrl,
      issuer: oidc.issuer,
      audience: oidc.audience,
      payloadKey: this.data.key('payload-key'),
      guestAuthKey: this.data.key('guest-auth-key'),
      erasureKey: this.data.key('erasure-key'),
      attachmentsFolder: this.data.folder('attachments'),
    };
    const env = appEnvironment(surroundings, this.callers);
    await runErrand(app, 'provision', { ...env, NATS_URL: nats.urlFor('provisioner') }, this.log);
    return env;
  }
}

/** In the order of `apps`, not in that of their coming up. */
function urlsOf(kept: Readonly<Record<string, KeptApp>>, which: 'url' | 'opsUrl'): Record<string, string> {
  return Object.fromEntries(apps.flatMap(({ key }) => (kept[key] ? [[key, kept[key][which]]] : [])));
}
