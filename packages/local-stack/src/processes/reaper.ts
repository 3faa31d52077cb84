import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describeProcess } from './describe-process.js';

// Seen from `src` (our own specs) and from `dist` this is the same, built file.
const SCRIPT = fileURLToPath(new URL('../../dist/processes/reaper-process.js', import.meta.url));

let reaper: ChildProcess | undefined;
const watched = new Set<string>();

/** A process as another run can recognise it. */
export interface RecordedProcess {
  pid: number;
  /** Its command line: a number alone may be that of another program by then. */
  command: string | undefined;
  /** What asks it to end in good order. */
  signal: NodeJS.Signals;
}

let record: string | undefined;
const recorded = new Map<number, RecordedProcess>();

// The jest preset looks here for what a spec file forgot to stop.
Object.assign(globalThis, { [Symbol.for('bellhop.watched')]: watched });

/** Has `pid` ended by `signal` should this process die without ending it itself. */
export function watchProcess(pid: number, signal: NodeJS.Signals): () => void {
  const forget = watch(`process\t${pid}`, `process\t${pid}\t${signal}`);
  if (record === undefined) return forget;
  recorded.set(pid, { pid, command: describeProcess(pid), signal });
  writeRecord();
  return () => {
    recorded.delete(pid);
    writeRecord();
    forget();
  };
}

/** From now on keeps a file of what runs, so that a later run can end what neither we nor the reaper could. */
export function recordProcesses(file: string): void {
  record = file;
}

function writeRecord(): void {
  if (record !== undefined) writeFileSync(record, JSON.stringify([...recorded.values()]));
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
