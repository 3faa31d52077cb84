import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The command line of a running process, or undefined when there is none (a zombie counts as none). */
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
