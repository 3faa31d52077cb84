import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { temporaryFolder } from '../folders.js';
import { ChildExitedError, LocalStackError } from '../local-stack.errors.js';
import { isPortTaken, startOnFreePort } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.js';

const SUPERUSER = 'postgres';
const PASSWORD_FILE = 'bellhop-password';
// A killed server's shared memory is only released when its last back end has noticed.
const START_TRIES = 20;

export interface PostgresOptions {
  /** Kept when stopped. Without it: a temporary folder, and a server that is fast instead of safe against power loss. */
  dataDir?: string;
  /** Safe against power loss in a temporary folder, too: for figures that are to mean something. Default false. */
  isDurable?: boolean;
  /** Further ones of its parameters, such as `shared_buffers=2GB`. */
  settings?: readonly string[];
  port?: number;
  onLine?: (line: string) => void;
}

export interface PostgresServer {
  /** The superuser, on the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Creates an empty database, if it does not exist yet, and returns its URL. */
  createDatabase(name?: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Stops the server in good order and keeps its data. */
  pause(): Promise<void>;
  /** Starts it again, on the same port, after `pause` or `kill`. */
  resume(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Stops it for good; temporary data are deleted. */
  stop(): Promise<void>;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const temporary = options.dataDir === undefined ? temporaryFolder('postgres', binaries.user) : undefined;
  const dataDir = options.dataDir ?? join((temporary as { path: string }).path, 'data');
  try {
    const password = await initialise(binaries, dataDir);
    const isFast = temporary && !options.isDurable;
    const parameters = [...(isFast ? ['fsync=off', 'full_page_writes=off'] : []), ...(options.settings ?? [])];
    const settings = parameters.flatMap((parameter) => ['-c', parameter]);
    const run = (port: number) => launch({ binaries, dataDir, port, settings, onLine: options.onLine });
    const { started: child, port } = await startOnFreePort(run, options.port);
    return server({ child, port, password, run, remove: () => temporary?.remove() });
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}

async function initialise({ initdb, user }: PostgresBinaries, dataDir: string): Promise<string> {
  const passwordFile = join(dataDir, PASSWORD_FILE);
  mkdirSync(dirname(dataDir), { recursive: true });
  if (existsSync(dataDir)) refuseStrangers(dataDir, user);
  if (existsSync(join(dataDir, 'PG_VERSION'))) return readFileSync(passwordFile, 'utf8');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (user) chownSync(dataDir, user.uid, user.gid);
  const password = randomBytes(18).toString('base64url');
  const secret = temporaryFolder('secret', user);
  const handed = join(secret.path, 'password');
  writeFileSync(handed, password, { mode: 0o600 });
  if (user) chownSync(handed, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-D', dataDir, '-U', SUPERUSER, `--pwfile=${handed}`, '--auth=scram-sha-256', '--no-sync', ...locale];
  const child = startChild({ name: 'initdb', command: initdb, args, user, cwd: secret.path });
  const code = await child.finished(60_000);
  secret.remove();
  if (code !== 0) throw new ChildExitedError('initdb', code, child.output());
  writeFileSync(passwordFile, password, { mode: 0o600 });
  return password;
}

/** In a place where anybody may create folders, one that is there already could be somebody's trap. */
function refuseStrangers(dataDir: string, user: PostgresBinaries['user']): void {
  const { uid } = statSync(dataDir);
  if (uid === process.getuid?.() || uid === user?.uid || process.getuid === undefined) return;
  throw new LocalStackError(
    'foreign_data',
    `${dataDir} belongs to another user (${uid}): delete it, or start as that user.`,
  );
}

interface Launch {
  binaries: PostgresBinaries;
  dataDir: string;
  port: number;
  settings: readonly string[];
  onLine: ((line: string) => void) | undefined;
}

async function launch({ binaries, dataDir, port, settings, onLine }: Launch): Promise<Child> {
  const network = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'];
  const child = startChild({
    name: 'Postgres',
    command: binaries.postgres,
    args: ['-D', dataDir, '-p', String(port), ...network, ...settings],
    env: { LC_ALL: 'C', TZ: 'UTC' },
    cwd: dataDir,
    user: binaries.user,
    stopSignal: 'SIGINT',
    onLine,
  });
  await untilUp('Postgres', child, async () => child.output().includes('ready to accept connections') || undefined);
  return child;
}

interface Running {
  child: Child;
  port: number;
  password: string;
  run: (port: number) => Promise<Child>;
  remove: () => void;
}

function server({ child: first, port, password, run, remove }: Running): PostgresServer {
  let child = first;
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  const url = urlOf('postgres');
  return {
    url,
    port,
    async createDatabase(name = `db_${randomBytes(6).toString('hex')}`) {
      await withClient(url, async (client) => {
        const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
        if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`);
      });
      return urlOf(name);
    },
    dropDatabase: (name) =>
      withClient(url, async (client) => {
        await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
      }),
    pause: async () => void (await child.stop()),
    kill: async () => void (await child.stop('SIGKILL')),
    async resume() {
      if (child.hasExited()) child = await startAgain(async () => (await startOnFreePort(run, port)).started);
    },
    async stop() {
      await child.stop();
      remove();
    },
  };
}

async function startAgain(run: () => Promise<Child>): Promise<Child> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries === START_TRIES || isPortTaken(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** One short errand on the server. */
export async function withClient<T>(url: string, errand: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await errand(client);
  } finally {
    await client.end();
  }
}
