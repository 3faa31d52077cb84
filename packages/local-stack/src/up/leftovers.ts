import { describeProcess } from '../processes/describe-process.js';
import type { RecordedProcess } from '../processes/reaper.js';
import { waitFor } from '../wait-for.js';
import { readJson } from './read-json.js';

const PATIENCE_MS = 10_000;

/**
 * Ends what an earlier run left behind, by the record that it kept. Happens only when both `up` and the process that cleans
 * up after it were killed. A number alone says little: by now another program may have it.
 * @returns how many were ended
 */
export async function endLeftovers(record: string, patienceMs = PATIENCE_MS): Promise<number> {
  const leftovers = readJson<RecordedProcess[]>(record, []).filter(isRunning);
  for (const { pid, signal } of leftovers) process.kill(pid, signal);
  await Promise.all(leftovers.map((leftover) => untilEnded(leftover, patienceMs)));
  return leftovers.length;
}

async function untilEnded(leftover: RecordedProcess, patienceMs: number): Promise<void> {
  const what = `process ${leftover.pid}, left behind by an earlier run, to end`;
  const isOver = () => !isRunning(leftover);
  await waitFor(isOver, { timeoutMs: patienceMs }).catch(() => process.kill(leftover.pid, 'SIGKILL'));
  await waitFor(isOver, { what });
}

function isRunning({ pid, command }: RecordedProcess): boolean {
  return pid > 1 && describeProcess(pid) === command;
}
