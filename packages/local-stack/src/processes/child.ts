import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildExitedError } from '../local-stack.errors.js';
import { watchProcess } from './reaper.js';

const KEPT_LINES = 400;
const LAST_WORDS_MS = 1_000;

export interface ChildOptions {
  /** How errors and logs call it. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Another user to run as; needs root. */
  user?: { uid: number; gid: number } | undefined;
  /** What asks it to end in good order. */
  stopSignal?: NodeJS.Signals;
  onLine?: ((line: string) => void) | undefined;
}

/** A process of its own that does not outlive this one, not even if this one is killed. */
export interface Child {
  readonly pid: number;
  /** Resolves with the exit code, null after a signal. Does not keep this process alive: see `finished`. */
  readonly exited: Promise<number | null>;
  /** Waits for it to end by itself; after `patienceMs` it is killed. */
  finished(patienceMs: number): Promise<number | null>;
  hasExited(): boolean;
  /** The last lines it wrote, standard output and standard error in order of arrival. */
  output(): string;
  /** The same once all of it has arrived, which is after its end; a second later at most, for its children may live on. */
  lastWords(): Promise<string>;
  /** Sends the signal and waits for the end; after `patienceMs` it is killed. Returns the exit code, null after a signal. */
  stop(signal?: NodeJS.Signals, patienceMs?: number): Promise<number | null>;
}

export function startChild(options: ChildOptions): Child {
  const { name, command, args, cwd, user, stopSignal = 'SIGTERM' } = options;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not in our process group, so that a Ctrl-C reaches only us and we end things in order.
    detached: true,
    ...(options.env && { env: options.env }),
    ...(cwd !== undefined && { cwd }),
    ...user,
  });
  // A server that somebody forgot must not keep this process from ending; the reaper sees to it then.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  if (child.pid === undefined) throw new ChildExitedError(name, null, `${command} could not be started.`);
  const forget = watchProcess(child.pid, stopSignal);
  const lines = keepLines(child, options.onLine);
  let isOver = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      isOver = true;
      forget();
      resolve(code);
    });
  });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const finished = async (patienceMs: number) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  return {
    pid: child.pid,
    exited,
    hasExited: () => isOver,
    output: () => lines.join('\n'),
    async lastWords() {
      await Promise.race([closed, pause(LAST_WORDS_MS, undefined, { ref: false })]);
      return lines.join('\n');
    },
    finished,
    stop(signal = stopSignal, patienceMs = 10_000) {
      child.kill(signal);
      return finished(patienceMs);
    },
  };
}

function keepLines(child: ChildProcess, onLine?: (line: string) => void): string[] {
  const lines: string[] = [];
  child.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  return lines;
}

/** Waits until `probe` succeeds; throws as soon as the process has ended instead. */
export async function untilUp<T>(
  name: string,
  child: Child,
  probe: () => Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 50)) {
    if (child.hasExited()) throw new ChildExitedError(name, await child.exited, await child.lastWords());
    const answer = await probe().catch(() => undefined);
    if (answer !== undefined && !child.hasExited()) return answer;
    if (Date.now() > deadline) {
      await child.stop('SIGKILL');
      throw new ChildExitedError(name, null, `It did not answer within ${timeoutMs} ms.\n${child.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
