import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A script that runs as a process of its own and does not outlive this one. */
export interface OwnProcess {
  /** `kill -9`; resolves when it has ended. */
  kill(): Promise<void>;
  /** Lets it shut down; resolves when it has ended. */
  dismiss(): Promise<void>;
}

/**
 * Starts a script and resolves when it reports `isReady`.
 * @param env its environment; of this process's environment it only gets PATH
 */
export async function startOwnProcess(script: URL, env: Record<string, string>): Promise<OwnProcess> {
  const child = fork(script, {
    // React renders twice as fast in production.
    env: { NODE_ENV: 'production', PATH: process.env.PATH ?? '', ...env },
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Not in our process group, so that Ctrl-C only reaches this process.
    detached: true,
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(describeEnd(script, child)))),
  ]);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async dismiss() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** For the script: reports that it is ready, and ends it when the parent has ended or tells it to. */
export function isReady(end: () => void = () => process.exit()): void {
  process.once('disconnect', end);
  process.send?.('ready');
}

function describeEnd(script: URL, { exitCode, signalCode }: ChildProcess): string {
  return `${script.pathname} ended before it was ready (${signalCode ?? `code ${exitCode}`}); see its output above.`;
}
