import { existsSync } from 'node:fs';
import { backoffMs, pause } from '@bellhop/waiting';
import { ChildExitedError } from '../local-stack.errors.js';
import { startChild } from '../processes/child.js';
import { appScript, type RunningApp, startApp } from '../servers/app.js';
import type { AppEntry } from './apps.js';
import type { ConsoleLog } from './console-log.js';

const SHOWN_LINES = 15;
const RESTART = { firstMs: 1_000, maxMs: 15_000 };
/** An app that ran for this long was healthy: its next end is the first failure again. */
const HEALTHY_MS = 60_000;

export interface KeptApp {
  readonly url: string;
  readonly opsUrl: string;
  stop(): Promise<void>;
}

/** Runs an app and starts it again whenever it ends by itself. Fails if it does not even come up the first time. */
export async function keepRunning(app: AppEntry, env: Record<string, string>, log: ConsoleLog): Promise<KeptApp> {
  const onLine = log.shown(app.name);
  const stopped = new AbortController();
  let running: RunningApp | undefined = await startApp({ app: app.name, env, onLine });
  const { url, opsUrl } = running;
  const watch = async () => {
    let failures = 0;
    let since = Date.now();
    while (!stopped.signal.aborted) {
      const code = (await running?.exited) ?? null;
      if (stopped.signal.aborted) return;
      failures = Date.now() - since > HEALTHY_MS ? 1 : failures + 1;
      const pauseMs = backoffMs(RESTART, failures);
      if (running) log.say(obituary(app.name, code, running.output(), pauseMs));
      await pause(pauseMs, stopped.signal);
      if (stopped.signal.aborted) return;
      since = Date.now();
      running = await startApp({ app: app.name, env, onLine }).catch((error: Error) => void log.say(error.message));
    }
  };
  const watched = watch();
  return {
    url,
    opsUrl,
    async stop() {
      stopped.abort();
      await running?.stop();
      await watched;
    },
  };
}

function obituary(name: string, code: number | null, output: string, pauseMs: number): string {
  const how = code === null ? 'was killed' : `ended with code ${code}`;
  const last = output.split('\n').slice(-SHOWN_LINES).join('\n  ');
  return `${name} ${how}; it is started again in ${(pauseMs / 1_000).toFixed(1)} s. Its last lines:\n  ${last}`;
}

/**
 * Runs one of an app's errands to its end: `provision`, `seed`. Returns false if the app has no such errand.
 * @throws ChildExitedError when it fails
 */
export async function runErrand(
  app: AppEntry,
  errand: 'provision' | 'seed',
  env: Record<string, string>,
  log: ConsoleLog,
): Promise<boolean> {
  const script = appScript(app.name, errand);
  if (errand === 'seed' && !existsSync(script)) return false;
  const name = `${app.name} ${errand}`;
  const onLine = log.toFile(`${app.name}-${errand}`);
  const child = startChild({ name, command: process.execPath, args: [script], env, onLine });
  const code = await child.finished(120_000);
  if (code !== 0) throw new ChildExitedError(name, code, child.output());
  return true;
}
