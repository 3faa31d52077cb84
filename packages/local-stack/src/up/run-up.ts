import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../wait-for.js';

const SCRIPT = fileURLToPath(new URL('../../../../tools/up.mjs', import.meta.url));
const START_MS = 120_000;

export type AppKey = 'portal' | 'tickets' | 'notifications' | 'guestAuth';
export type Addresses = Record<AppKey | 'mailbox' | 'smtp' | 'push' | 'nats' | 'postgres' | 'oidc', string> & {
  ops: Record<AppKey, string>;
};

/** `npm run up`, and what it has printed. */
export interface Run {
  child: ChildProcess;
  exited: Promise<number | null>;
  output(): string;
  /** Resolves when it is up. @throws what it has printed, when it has ended instead */
  addresses(): Promise<Addresses>;
}

/** @param settings of the apps, where a test needs others */
export function startUp(
  dataDir: string,
  { args = [], settings = {} }: { args?: readonly string[]; settings?: Readonly<Record<string, string>> } = {},
): Run {
  const { PATH, HOME, TMPDIR, NATS_SERVER_BIN } = process.env;
  const env = { PATH, HOME, TMPDIR, NATS_SERVER_BIN, TZ: 'UTC', BELLHOP_DATA_DIR: dataDir, ...settings };
  const child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const addresses = async () => {
    await waitFor(() => /^Bellhop is up/m.test(output) || child.exitCode !== null, {
      what: 'Bellhop to be up',
      timeoutMs: START_MS,
    });
    if (child.exitCode !== null) throw new Error(output);
    return JSON.parse(readFileSync(join(dataDir, 'up.json'), 'utf8')) as Addresses;
  };
  return { child, exited, output: () => output, addresses };
}
