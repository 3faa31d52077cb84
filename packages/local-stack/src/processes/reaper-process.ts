/**
 * Runs beside a process that starts servers, and outlives it: when that process is gone, however it went, everything it
 * had started is ended and its temporary folders are deleted.
 *
 * It reads lines from its standard input, a pipe that only the watched process holds:
 * `+process <pid> <signal>`, `-process <pid>`, `+folder <path>`, `-folder <path>`. The end of that input is the alarm.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describeProcess } from './describe-process.js';

const PATIENCE_MS = 4_000;

const processes = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

// A Ctrl-C in the terminal is meant for the watched process; this one leaves by the end of its input only.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

function note(line: string): void {
  const [verb, subject = '', signal] = line.split('\t');
  if (verb === '+process') processes.set(Number(subject), signal as NodeJS.Signals);
  if (verb === '-process') processes.delete(Number(subject));
  if (verb === '+folder') folders.add(subject);
  if (verb === '-folder') folders.delete(subject);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** In a container without an init process, ended processes stay as zombies; those do not count. */
function isAlive(pid: number): boolean {
  return send(pid, 0) && describeProcess(pid) !== undefined;
}

async function cleanUp(): Promise<void> {
  for (const [pid, signal] of processes) send(pid, signal);
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline && [...processes.keys()].some(isAlive)) await delay(50);
  for (const pid of processes.keys()) send(pid, 'SIGKILL');
  for (const folder of folders)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
}

for await (const line of createInterface({ input: process.stdin })) note(line);
await cleanUp();
