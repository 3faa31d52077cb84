import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AppName, ServiceName } from '@bellhop/contracts/streams';
import { LocalStackError } from '../local-stack.errors.js';
import { startOnFreePorts } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { waitFor } from '../wait-for.js';

/**
 * As in the image. A burst holds some megabytes of events at a time: with room for them among the young objects, the garbage
 * collector has a fifth less to do.
 */
const NODE_ARGS = ['--enable-source-maps', '--max-semi-space-size=64'];
const READY_TIMEOUT_MS = 60_000;
const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));

export interface AppOptions {
  app: AppName;
  /** The whole environment of the app, besides the PATH of this process. */
  env: Record<string, string>;
  /** The repository with the bundles, if it is another one. An absolute path. */
  repository?: string | undefined;
  /** For Node itself, such as `--cpu-prof`. */
  nodeArgs?: readonly string[];
  onLine?: (line: string) => void;
  /** How long it may take until it is alive. Default a minute. */
  patienceMs?: number;
}

export interface RunningApp {
  readonly url: string;
  /** Of the inner port: metrics, and what is missing. */
  readonly opsUrl: string;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** Its last lines. */
  output(): string;
  /** Asks it to end and waits; returns the exit code, null if a signal ended it. After 30 s it is killed. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A program of an app, bundled as in its image: `main` runs it, `provision` creates its streams, consumers and tables. */
export function appScript(app: AppName, script: 'main' | 'provision' | 'seed', repository = REPOSITORY): string {
  return join(repository, 'apps', app, 'bundle', 'dist', `${script}.js`);
}

/** Creates the streams, consumers and tables of an app. @param env its whole environment, besides the PATH */
export async function provisionApp(app: ServiceName, env: Record<string, string>, repository?: string): Promise<void> {
  await promisify(execFile)(process.execPath, [appScript(app, 'provision', repository)], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });
}

/** Starts an app as built and waits until it is alive (`/healthz`), which needs neither NATS nor Postgres. */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const wanted = [options.env.PORT, options.env.OPS_PORT].map((port) =>
    port === undefined ? undefined : Number(port),
  );
  const { started: child, ports } = await startOnFreePorts(wanted, (free) => launch(options, free));
  const [url = '', opsUrl = ''] = ports.map(urlOf);
  return {
    url,
    opsUrl,
    pid: child.pid,
    exited: child.exited,
    output: () => child.output(),
    stop: (signal = 'SIGTERM') => child.stop(signal, 30_000),
  };
}

async function launch(options: AppOptions, ports: readonly number[]): Promise<Child> {
  const { app, env, repository, nodeArgs = [], onLine, patienceMs } = options;
  const urls = ports.map(urlOf);
  const [port, opsPort] = ports.map(String);
  const child = startChild({
    name: app,
    command: process.execPath,
    args: [...NODE_ARGS, ...nodeArgs, appScript(app, 'main', repository)],
    // As in its image. React renders twice as fast then, of which a start has a second.
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PUBLIC_URL: urls[0],
      ...env,
      PORT: port,
      OPS_PORT: opsPort,
    },
    onLine,
  });
  const isAlive = async () => {
    const answers = await Promise.all(urls.map((url) => fetch(`${url}/healthz`)));
    return answers.every(({ ok }) => ok) || undefined;
  };
  await untilUp(app, child, isAlive, patienceMs);
  return child;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Waits until an app is ready (`/readyz` of its inner port), a minute at most.
 * @throws LocalStackError (`not_ready`) with what is missing
 */
export async function untilReady(name: string, opsUrl: string): Promise<void> {
  let answer = 'nothing';
  const isReady = async () => {
    const response = await fetch(`${opsUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
    answer = await response.text();
    return response.ok;
  };
  await waitFor(isReady, { timeoutMs: READY_TIMEOUT_MS }).catch((cause) => {
    throw new LocalStackError('not_ready', `${name} did not become ready. ${opsUrl}/readyz says: ${answer}`, { cause });
  });
}
