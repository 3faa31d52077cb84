import { existsSync, readFileSync } from 'node:fs';
import { describeProcess } from '../processes/describe-process.js';
import { waitFor } from '../wait-for.js';

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
