import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { streams } from '@bellhop/contracts/streams';
import { waitFor } from '@bellhop/local-stack';
import { AddInboxContents, CreateInbox, CreateOutbox, CreateOutboxStreams } from '@bellhop/outbox';
import { CreateIdempotencyKeys } from '../src/idempotency/create-idempotency-keys.js';
import { provisionService } from '../src/provision/provision-service.js';
import { CreateThings } from './fixture/src/create-things.js';

const FIXTURE = join(import.meta.dirname, 'fixture');
const TSC = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

/** A small service as a process of its own, with the package as it was built. */
export interface FixtureApp {
  url: string;
  opsUrl: string;
  child: ChildProcess;
  /** All it wrote, one JSON object per line. */
  lines(): Record<string, unknown>[];
  output(): string;
  /** The exit code, or the signal's name. */
  exited: Promise<number | string>;
}

/** Compiles the fixture; takes about a second. */
export function buildFixture(): void {
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', FIXTURE], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the fixture does not compile: ${stdout}`);
}

export function provisionFixture(natsUrl: string, databaseUrl: string): Promise<void> {
  return provisionService({
    name: 'notifications',
    natsUrl,
    databaseUrl,
    migrations: [CreateOutbox, CreateInbox, CreateOutboxStreams, AddInboxContents, CreateIdempotencyKeys, CreateThings],
    streams: [streams.TICKETS, streams.DEAD_LETTERS],
    consumers: [{ stream: 'TICKETS', service: 'notifications' }],
    print: () => undefined,
  });
}

/** Runs the fixture to its end; for starts that are expected to fail. */
export async function runFixture(env: Record<string, string>): Promise<{ code: number | string; output: string }> {
  const app = spawnFixture(env);
  return { code: await app.exited, output: app.output() };
}

/** Starts it and waits until it is alive; ready it becomes by itself. */
export async function startFixture(env: Record<string, string>): Promise<FixtureApp> {
  const app = spawnFixture({
    PUBLIC_URL: 'https://support.example.com',
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_AUDIENCE: 'bellhop',
    HOST: '127.0.0.1',
    ...env,
    PORT: '0',
    OPS_PORT: '0',
  });
  const listening = () => app.lines().find(({ message }) => message === 'listening');
  const waiting = waitFor(listening, { what: 'the fixture to be alive', timeoutMs: 60_000 });
  const { url, opsUrl } = await waiting.catch((error) => {
    // Whoever asked for it gets nothing to stop.
    app.child.kill('SIGKILL');
    throw error;
  });
  return { ...app, url: String(url), opsUrl: String(opsUrl) };
}

function spawnFixture(env: Record<string, string>): Omit<FixtureApp, 'url' | 'opsUrl'> {
  const child = spawn(process.execPath, [join(FIXTURE, 'dist/main.js')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return {
    child,
    output: () => output,
    lines: () => output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
    exited: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
}
