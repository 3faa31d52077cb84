import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.js';
import { startOnFreePort } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { ACCOUNTS_CONFIGURATION, keptPasswords, type NatsUser, passwordEnvironment } from './nats-accounts.js';
import { natsBinary } from './nats-binary.js';

export interface NatsOptions {
  /** Where JetStream and the passwords are kept when stopped. Without it: a temporary folder. */
  dataDir?: string;
  port?: number;
  /** With the accounts and rights of `deploy/nats`, or (false, the default) one account in which everybody may do everything. */
  accounts?: boolean;
  /** With accounts: a file to use in place of that of `deploy/nats`. Without: more lines of the configuration, such as `tls { … }`. */
  configuration?: string;
  onLine?: (line: string) => void;
}

export interface NatsServer {
  /** Without credentials. With accounts, nobody gets in by it. */
  readonly url: string;
  readonly port: number;
  /** Where JetStream keeps its files: `<account>/streams/<stream>` below it. */
  readonly storeDir: string;
  /** With the credentials of one user. Without accounts everybody gets in, and the user makes no difference. */
  urlFor(user: NatsUser): string;
  /** Stops the server in good order and keeps its data. */
  pause(): Promise<void>;
  /** Starts it again, on the same port, after `pause` or `kill`. */
  resume(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Stops it for good; temporary data are deleted. */
  stop(): Promise<void>;
}

export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const command = natsBinary();
  const temporary = options.dataDir === undefined ? temporaryFolder('nats') : undefined;
  const folder = options.dataDir ?? (temporary as { path: string }).path;
  const { configuration, env, urlFor } = natsSetup(folder, options.accounts, options.configuration);
  const jetstream = join(folder, 'jetstream');
  const launch = async (port: number): Promise<Child> => {
    const address = ['--addr', '127.0.0.1', '--port', String(port), '--store_dir', jetstream];
    const args = ['--config', configuration, '--pid', join(folder, 'nats.pid'), ...address];
    const child = startChild({ name: 'NATS', command, args, env, onLine: options.onLine });
    await untilUp('NATS', child, () => greeting(port));
    return child;
  };
  try {
    let { started: child, port } = await startOnFreePort(launch, options.port);
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      // The server makes a folder of that name in the one it is given.
      storeDir: join(jetstream, 'jetstream'),
      urlFor: (user) => urlFor(user, port),
      pause: async () => void (await child.stop()),
      kill: async () => void (await child.stop('SIGKILL')),
      async resume() {
        if (child.hasExited()) child = (await startOnFreePort(launch, port)).started;
      },
      async stop() {
        await child.stop();
        temporary?.remove();
      },
    };
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}

/** With what a server is started, and who gets in. */
export interface NatsSetup {
  configuration: string;
  env: Record<string, string>;
  urlFor(user: NatsUser, port: number): string;
}

export function natsSetup(folder: string, accounts = false, configuration?: string): NatsSetup {
  return accounts ? withAccounts(folder, configuration) : withoutAccounts(folder, configuration ?? '');
}

function withAccounts(folder: string, configuration = ACCOUNTS_CONFIGURATION): NatsSetup {
  const passwords = keptPasswords(folder);
  return {
    configuration,
    env: passwordEnvironment(passwords),
    urlFor: (user, port) => `nats://${user}:${passwords[user]}@127.0.0.1:${port}`,
  };
}

function withoutAccounts(folder: string, more: string): NatsSetup {
  const configuration = join(folder, 'nats-server.conf');
  mkdirSync(folder, { recursive: true });
  // By itself the server offers three quarters of the free disk; the streams' limits may add up to more.
  writeFileSync(configuration, `jetstream { max_file_store: 100GB }\n${more}\n`);
  return {
    configuration,
    env: {},
    urlFor: (_user, port) => `nats://127.0.0.1:${port}`,
  };
}

/** Whether a server that speaks first does so: NATS says `INFO `, an SMTP server `220 `. */
export function greeting(port: number, beginning = 'INFO '): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer?: true) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done());
    socket.once('error', () => done());
    socket.once('close', () => done());
    socket.once('data', (data) => done(data.toString().startsWith(beginning) ? true : undefined));
  });
}
