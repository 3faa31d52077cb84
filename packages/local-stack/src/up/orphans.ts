import { describeProcess } from '../processes/describe-process.js';
import type { RecordedProcess } from '../processes/reaper.js';
import { waitFor } from '../wait-for.js';
import { readJson } from './read-json.js';

const PATIENCE_MS = 10_000;

/**
 * Ends the processes that an earlier run left running, by the record that it kept. There are some only when both `up` and the
 * process that cleans up after it were killed. The command line is compared, because the pid may belong to another program by now.
 * @returns how many were ended
 */
export async function endOrphans(record: string, patienceMs = PATIENCE_MS): Promise<number> {
  const orphans = readJson<RecordedProcess[]>(record, []).filter(isRunning);
  for (const { pid, signal } of orphans) process.kill(pid, signal);
  await Promise.all(orphans.map((orphan) => untilEnded(orphan, patienceMs)));
  return orphans.length;
}

async function untilEnded(orphan: RecordedProcess, patienceMs: number): Promise<void> {
  const what = `process ${orphan.pid}, left running by an earlier run, to end`;
  const isOver = () => !isRunning(orphan);
  await waitFor(isOver, { timeoutMs: patienceMs }).catch(() => process.kill(orphan.pid, 'SIGKILL'));
  await waitFor(isOver, { what });
}

function isRunning({ pid, command }: RecordedProcess): boolean {
  return pid > 1 && describeProcess(pid) === command;
}
