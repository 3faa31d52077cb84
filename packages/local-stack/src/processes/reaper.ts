import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

// Seen from `src` (our own specs) and from `dist` this is the same, built file.
const SCRIPT = fileURLToPath(new URL('../../dist/processes/reaper-process.js', import.meta.url));

let reaper: ChildProcess | undefined;
const watched = new Set<string>();
// The jest preset looks here for what a spec file forgot to stop.
Object.assign(globalThis, { [Symbol.for('bellhop.watched')]: watched });

/** Has `pid` ended by `signal` should this process die without ending it itself. */
export function watchProcess(pid: number, signal: NodeJS.Signals): () => void {
  return watch(`process\t${pid}`, `process\t${pid}\t${signal}`);
}

/** Has a folder deleted should this process die before; the returned function deletes it now. */
export function watchFolder(path: string): () => void {
  const forget = watch(`folder\t${path}`, `folder\t${path}`);
  return () => {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    forget();
  };
}

function watch(key: string, line: string): () => void {
  reaper ??= startReaper();
  watched.add(key);
  reaper.stdin?.write(`+${line}\n`);
  return () => {
    if (!watched.delete(key)) return;
    reaper?.stdin?.write(`-${key}\n`);
    if (watched.size === 0) dismiss();
  };
}

/** Each jest spec file has its own copy of this module: a reaper with nothing left to watch must not stay. */
function dismiss(): void {
  reaper?.stdin?.end();
  reaper = undefined;
}

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own process group: a signal to the whole group of the watched process must not end both.
    detached: true,
    env: {},
  });
  child.unref();
  (child.stdin as Socket | null)?.unref();
  child.stdin?.on('error', () => undefined);
  return child;
}
