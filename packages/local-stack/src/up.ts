/** `npm run up`: the whole of Bellhop on this machine. `--fresh` starts with empty data. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalStackError } from './local-stack.errors.js';
import { recordProcesses } from './processes/reaper.js';
import { postgresBinaries } from './servers/postgres-binaries.js';
import { ConsoleLog } from './up/console-log.js';
import { type Addresses, DataFolder } from './up/data-folder.js';
import { endOrphans } from './up/orphans.js';
import { describeMoves } from './up/ports-of-up.js';
import { Stack } from './up/stack.js';

const PARENT_LOOK_MS = 500;
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Runs until it is told to stop. `BELLHOP_DATA_DIR` moves the data from `.bellhop` in the repository.
 * @returns the exit code
 */
async function up(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const stopRequested = untilToldToStop();
  const { user } = await postgresBinaries();
  const data = new DataFolder(process.env.BELLHOP_DATA_DIR ?? join(REPOSITORY, '.bellhop'), user);
  data.lock();
  const ended = await endOrphans(data.processesFile);
  recordProcesses(data.processesFile);
  if (args.includes('--fresh')) data.empty();
  const log = new ConsoleLog(data.folder('logs'));
  if (ended > 0) log.say(`Ended ${ended} processes that an earlier run had left running.`);
  const stack = new Stack(data, log, process.env);
  try {
    const addresses = await Promise.race([stack.start(), stopRequested]);
    if (addresses) {
      data.publish(addresses);
      log.say(summary(addresses, data, performance.now() - startedAt));
      const moves = describeMoves(data.exchangePorts(stack.ports), stack.ports);
      if (moves) log.say(moves);
      await stopRequested;
    }
    log.say('Stopping.');
    return 0;
  } finally {
    await stack.stop();
    log.close();
    data.release();
  }
}

function summary(addresses: Addresses, data: DataFolder, tookMs: number): string {
  const flat = Object.entries(addresses).flatMap(([name, address]) =>
    typeof address === 'string'
      ? [[name, address] as const]
      : Object.entries(address).map(([of, url]) => [`${name} ${of}`, url] as const),
  );
  const lines = flat.map(([name, url]) => `  ${name.padEnd(18)} ${url}`);
  const seconds = (tookMs / 1_000).toFixed(1);
  return [
    '',
    ...lines,
    '',
    `Bellhop is up after ${seconds} s. Addresses: ${data.upFile}. Logs: ${data.folder('logs')}. Ctrl-C stops it.`,
  ].join('\n');
}

/** Resolves with the first request to stop; a second one ends this process at once (and with it all it started). */
function untilToldToStop(): Promise<undefined> {
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = () => {
      if (isAsked) process.exit(1);
      isAsked = true;
      resolve(undefined);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    // Under npm, a killed npm leaves us with another parent: nobody could stop us with Ctrl-C any more.
    const isUnderNpm = process.env.npm_lifecycle_event !== undefined;
    const parent = process.ppid;
    // This timer is also what keeps us running: the servers alone do not.
    setInterval(() => {
      if (isUnderNpm && process.ppid !== parent && !isAsked) ask();
    }, PARENT_LOOK_MS);
  });
}

try {
  process.exitCode = await up(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof LocalStackError ? error.message : error);
  process.exitCode = 1;
}
process.exit();
