import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describeProcess } from '../src/processes/describe-process.js';

/** Those whose command line names the data folder: Postgres, NATS, the mailbox, the OpenID provider. */
export function processesOf(dataDir: string): (string | undefined)[] {
  return allProcesses()
    .map(describeProcess)
    .filter((command) => command?.includes(dataDir));
}

export function childrenOf(parent: number): number[] {
  return allProcesses().filter((pid) => parentOf(pid) === parent);
}

/** What cleans up after a process that starts servers. */
export function reaperOf(parent: number): number {
  const isReaper = (pid: number) => describeProcess(pid)?.includes('reaper-process') === true;
  return childrenOf(parent).find(isReaper) as number;
}

function allProcesses(): number[] {
  if (existsSync('/proc/self/stat')) return readdirSync('/proc').map(Number).filter(Boolean);
  return execFileSync('ps', ['-A', '-o', 'pid='], { encoding: 'utf8' }).split('\n').map(Number).filter(Boolean);
}

function parentOf(pid: number): number {
  try {
    if (!existsSync('/proc/self/stat')) {
      return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
