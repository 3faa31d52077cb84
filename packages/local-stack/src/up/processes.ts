import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { waitFor } from '../wait-for.js';

/** The command line of a running process, or undefined when there is none (a dead one that nobody buried counts as none). */
export function describeProcess(pid: number): string | undefined {
  try {
    const [state = '', ...command] = existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
    return state.startsWith('Z') ? undefined : command.join(' ');
  } catch {
    return undefined;
  }
}

/** Linux; small containers have no `ps`. */
function fromProc(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return [state, ...readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')];
}

function fromPs(pid: number): string[] {
  const line = execFileSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' });
  return line.trim().split(/\s+/);
}

/**
 * Ends a server that an earlier run left behind, found by the file in which it notes its process id. Happens only when
 * both `up` and the process that cleans up after it were killed.
 */
export async function endLeftover(pidFile: string, dataDir: string, signal: NodeJS.Signals): Promise<boolean> {
  if (!existsSync(pidFile)) return false;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  const isOurs = () => describeProcess(pid)?.includes(dataDir) === true;
  if (!(pid > 1) || !isOurs()) return false;
  process.kill(pid, signal);
  await waitFor(() => !isOurs(), { what: `process ${pid}, left behind by an earlier run, to end` });
  return true;
}
