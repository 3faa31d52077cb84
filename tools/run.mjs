import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../', import.meta.url));

const HEARTBEAT_MS = 10_000;
const children = new Set();

/**
 * The terminal's Ctrl-C reaches our children by itself; being ended in another way must reach them, too. Only while there
 * are any: what this process becomes afterwards (`up`) has its own way of stopping.
 */
const ENDINGS = ['SIGTERM', 'SIGHUP'];

function endAll() {
  for (const child of children) child.kill('SIGTERM');
  process.exit(1);
}

function added(child) {
  if (children.size === 0) for (const signal of ENDINGS) process.on(signal, endAll);
  children.add(child);
}

function removed(child) {
  children.delete(child);
  if (children.size === 0) for (const signal of ENDINGS) process.off(signal, endAll);
}

/** What the tools that we call see: no reports to their makers. */
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' };

/**
 * Runs a program in the repository. Returns its exit code and, with `isQuiet`, what it wrote; otherwise that is shown.
 * A silent program gets a sign of life every ten seconds, named by `sign`.
 */
export function run(command, args, { cwd = repository, env = {}, isQuiet = false, sign } = {}) {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const stdio = isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(command, args, { cwd, stdio, env: { ...process.env, ...QUIET, ...env } });
    added(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
    const elapsed = () => Math.round((Date.now() - startedAt) / 1000);
    const timer = sign && setInterval(() => console.log(`  … ${sign} (${elapsed()} s)`), HEARTBEAT_MS);
    child.once('error', (error) => {
      clearInterval(timer);
      removed(child);
      reject(error);
    });
    child.once('close', (code) => {
      clearInterval(timer);
      removed(child);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** A program that `npm ci` installed, as arguments for node. */
export const installed = (path) => `${repository}node_modules/${path}`;
