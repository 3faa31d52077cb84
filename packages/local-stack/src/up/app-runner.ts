import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildExitedError } from '../local-stack.errors.js';
import { startChild } from '../processes/child.js';
import { appScript, type RunningApp, startApp } from '../servers/app.js';
import type { AppEntry } from './apps.js';
import type { ConsoleLog } from './console-log.js';

const SHOWN_LINES = 15;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
// So long alive counts as healthy: the next end is a new matter.
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
    let pauseMs = FIRST_PAUSE_MS;
    let since = Date.now();
    while (!stopped.signal.aborted) {
      const code = (await running?.exited) ?? null;
      if (stopped.signal.aborted) return;
      if (Date.now() - since > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
      if (running) log.say(obituary(app.name, code, running.output(), pauseMs));
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
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
  return `${name} ${how}; it is started again in ${pauseMs / 1_000} s. Its last lines:\n  ${last}`;
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
