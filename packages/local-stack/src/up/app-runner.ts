import { existsSync } from 'node:fs';
import type { AppName, ServiceName } from '@bellhop/contracts/streams';
import { backoffMs, pause } from '@bellhop/waiting';
import { ChildExitedError } from '../local-stack.errors.js';
import { startChild } from '../processes/child.js';
import { appScript, type RunningApp, startApp } from '../servers/app.js';
import type { ConsoleLog } from './console-log.js';

const SHOWN_LINES = 15;
const RESTART = { firstMs: 1_000, maxMs: 15_000 };
/** An app that ran for this long was healthy: its next end is the first failure again. */
const HEALTHY_MS = 60_000;

export interface KeptApp {
  readonly name: AppName;
  readonly url: string;
  readonly opsUrl: string;
  stop(): Promise<void>;
}

/** Runs an app and restarts it whenever it ends by itself. Rejects if the first start fails. */
export async function keepRunning(app: AppName, env: Record<string, string>, log: ConsoleLog): Promise<KeptApp> {
  const onLine = log.shown(app);
  const stopped = new AbortController();
  let running: RunningApp | undefined = await startApp({ app, env, onLine });
  const { url, opsUrl } = running;
  const watch = async () => {
    let failures = 0;
    let since = Date.now();
    while (!stopped.signal.aborted) {
      const code = (await running?.exited) ?? null;
      if (stopped.signal.aborted) return;
      failures = Date.now() - since > HEALTHY_MS ? 1 : failures + 1;
      const pauseMs = backoffMs(RESTART, failures);
      if (running) log.say(crashReport(app, code, running.output(), pauseMs));
      await pause(pauseMs, stopped.signal);
      if (stopped.signal.aborted) return;
      since = Date.now();
      running = await startApp({ app, env, onLine }).catch((error: Error) => void log.say(error.message));
    }
  };
  const watched = watch();
  return {
    name: app,
    url,
    opsUrl,
    async stop() {
      stopped.abort();
      await running?.stop();
      await watched;
    },
  };
}

function crashReport(name: string, code: number | null, output: string, pauseMs: number): string {
  const how = code === null ? 'was killed' : `ended with code ${code}`;
  const last = output.split('\n').slice(-SHOWN_LINES).join('\n  ');
  return `${name} ${how}; it is started again in ${(pauseMs / 1_000).toFixed(1)} s. Its last lines:\n  ${last}`;
}

/**
 * Runs a script of an app to its end. Returns false if the app has no such script.
 * @throws ChildExitedError when it fails
 */
export async function runScript(
  app: ServiceName,
  script: 'provision' | 'seed',
  env: Record<string, string>,
  log: ConsoleLog,
): Promise<boolean> {
  const file = appScript(app, script);
  if (script === 'seed' && !existsSync(file)) return false;
  const name = `${app} ${script}`;
  const onLine = log.toFile(`${app}-${script}`);
  const child = startChild({ name, command: process.execPath, args: [file], env, onLine });
  const code = await child.finished(120_000);
  if (code !== 0) throw new ChildExitedError(name, code, child.output());
  return true;
}
