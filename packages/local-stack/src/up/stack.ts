import { type AppName, PORTAL, SERVICES, type ServiceName, services } from '@bellhop/contracts/streams';
import { isPortTaken } from '../ports.js';
import { PushService } from '../push/push-service.js';
import { untilReady } from '../servers/app.js';
import { type Mailbox, startMailbox } from '../servers/mailbox.js';
import { type NatsServer, startNats } from '../servers/nats.js';
import { describeNats } from '../servers/nats-binary.js';
import { type OidcProvider, startOidc } from '../servers/oidc.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';
import { type KeptApp, keepRunning, runScript } from './app-runner.js';
import type { ConsoleLog } from './console-log.js';
import { type Addresses, addressKey, type DataFolder } from './data-folder.js';
import { appEnvironment, portalEnvironment } from './environment.js';
import { choosePorts, type Ports } from './ports-of-up.js';

const START_TRIES = 3;

interface Stoppable {
  stop(): Promise<void>;
}

interface Servers {
  postgres: PostgresServer;
  nats: NatsServer;
  mailbox: Mailbox;
  push: PushService;
  oidc: OidcProvider;
}

/** Everything that `up` runs. It can be stopped at any moment, also while it starts. */
export class Stack {
  private readonly servers: Stoppable[] = [];
  private readonly apps: Stoppable[] = [];

  constructor(
    private readonly data: DataFolder,
    private readonly log: ConsoleLog,
    private readonly inheritedEnv: NodeJS.ProcessEnv,
  ) {}

  /** The ports of this run, once it is started. */
  ports: Record<string, number> = {};

  /** Starts, provisions and seeds all, waits until every app is ready, and returns the addresses for `up.json`. */
  async start(): Promise<Addresses> {
    for (let tries = 1; ; tries++) {
      const ports = await choosePorts();
      this.ports = ports;
      try {
        return await this.startOn(ports);
      } catch (error) {
        if (!isPortTaken(error) || tries === START_TRIES) throw error;
        this.log.say('Somebody has taken one of the ports meanwhile. Starting again on others.');
        await this.stop();
      }
    }
  }

  private async startOn(ports: Ports): Promise<Addresses> {
    const servers = await this.startServers(ports);
    const prepare = async (app: ServiceName) => ({ app, env: await this.prepare(app, servers, ports) });
    const prepared = await allOver(SERVICES.map(prepare));
    const kept = await allOver(prepared.map(({ app, env }) => this.run(app, env)));
    for (const { app, env } of prepared) await runScript(app, 'seed', env, this.log);
    const portal = await this.run(PORTAL.name, this.portalEnv(kept, servers, ports));
    return {
      portal: publicUrl(ports),
      ...urlsOf(kept, 'url'),
      mailbox: servers.mailbox.webUrl,
      smtp: servers.mailbox.smtpUrl,
      push: servers.push.url,
      nats: servers.nats.urlFor('crm'),
      postgres: servers.postgres.url,
      oidc: servers.oidc.issuer,
      ops: urlsOf([portal, ...kept], 'opsUrl'),
    };
  }

  /** Apps first: they need the servers to finish their work. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.apps.splice(0).map((app) => app.stop()));
    await Promise.allSettled(this.servers.splice(0).map((server) => server.stop()));
  }

  private async startServers(ports: Ports): Promise<Servers> {
    this.log.say(`Starting Postgres, the mailbox, the push service, the OpenID provider and NATS (${describeNats()}).`);
    const { data, log } = this;
    if (!data.isOpen) {
      log.say(
        `Postgres does not run as root, and other users may not enter ${data.path}: its data are in ${data.postgres}.`,
      );
    }
    const start = async <T extends Stoppable>(starting: Promise<T>): Promise<T> => {
      const server = await starting;
      this.servers.push(server);
      return server;
    };
    const { webPort, smtpPort } = ports;
    const [postgres, natsServer, mailbox, push, oidc] = await allOver([
      start(startPostgres({ dataDir: data.postgres, port: ports.postgres, onLine: log.toFile('postgres') })),
      start(startNats({ dataDir: data.folder('nats'), port: ports.nats, accounts: true, onLine: log.toFile('nats') })),
      start(startMailbox({ webPort, smtpPort, dataDir: data.folder('mailbox'), onLine: log.toFile('mailbox') })),
      this.startPush(ports.push),
      start(startOidc({ port: ports.oidc, dataDir: data.folder('oidc'), onLine: log.toFile('oidc') })),
    ]);
    return { postgres, nats: natsServer, mailbox, push, oidc };
  }

  /** In this process: it has little to do. */
  private async startPush(port: number): Promise<PushService> {
    const push = await PushService.start({ port, dataDir: this.data.folder('push') });
    this.servers.push({ stop: () => push.close() });
    return push;
  }

  /** Database, streams, consumers and tables of one app. Returns the environment it runs with. */
  private async prepare(
    app: ServiceName,
    { postgres, nats, mailbox, push, oidc }: Servers,
    ports: Ports,
  ): Promise<Record<string, string>> {
    this.log.say(`Provisioning ${app}.`);
    const surroundings = {
      natsUrl: nats.urlFor(app),
      databaseUrl: await postgres.createDatabase(services[app].database),
      port: ports[app],
      opsPort: ports[`${app}:ops`],
      publicUrl: publicUrl(ports),
      smtpUrl: mailbox.smtpUrl,
      issuer: oidc.issuer,
      audience: oidc.audience,
      keys: this.data.keys(),
      attachmentsFolder: this.data.folder('attachments'),
      push: app === 'notifications' ? { vapidKeys: this.data.vapidKeys(), url: push.url } : undefined,
    };
    const env = appEnvironment(surroundings, this.inheritedEnv);
    await runScript(app, 'provision', { ...env, NATS_URL: nats.urlFor('provisioner') }, this.log);
    return env;
  }

  private portalEnv(kept: readonly KeptApp[], { oidc }: Servers, ports: Ports): Record<string, string> {
    const urls = Object.fromEntries(kept.map(({ name, url }) => [name, url])) as Record<ServiceName, string>;
    const surroundings = {
      port: ports.portal,
      opsPort: ports['portal:ops'],
      publicUrl: publicUrl(ports),
      issuer: oidc.issuer,
      sessionKey: this.data.keys().SESSION_KEY as string,
      tickets: urls.tickets,
      notifications: urls.notifications,
      guestAuth: urls['guest-auth'],
    };
    return portalEnvironment(surroundings, this.inheritedEnv);
  }

  private async run(app: AppName, env: Record<string, string>): Promise<KeptApp> {
    const running = await keepRunning(app, env, this.log);
    this.apps.push(running);
    await untilReady(app, running.opsUrl);
    return running;
  }
}

/** By name, since browsers keep cookies of `__Host-` over plain http for this one. */
function publicUrl(ports: Ports): string {
  return `http://localhost:${ports.portal}`;
}

/** Waits for all of them, also when one has failed: one that is still starting could not be stopped. */
async function allOver<T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function urlsOf(kept: readonly KeptApp[], which: 'url' | 'opsUrl'): Record<string, string> {
  return Object.fromEntries(kept.map((app) => [addressKey(app.name), app[which]]));
}
