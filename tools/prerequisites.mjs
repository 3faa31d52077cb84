import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { repository } from './run.mjs';

const OLDEST_NODE = [20, 19];
const POSTGRES_PLATFORMS = [
  'linux-x64',
  'linux-arm64',
  'linux-arm',
  'linux-ia32',
  'linux-ppc64',
  'darwin-x64',
  'darwin-arm64',
];
const NATS_FROM_NPM = 'linux-x64';
const platform = `${process.platform}-${process.arch}`;

/** Everything this machine lacks, each in a sentence that says how to get it. */
export function missing() {
  return [node(), npm(), folder(), postgres(), libc(), postgresUser(), nats()].filter(Boolean);
}

/** Whether a NATS server is here already; the local stack looks in the same order. */
export function hasNatsServer() {
  const named = process.env.NATS_SERVER_BIN;
  if (named) return isExecutable(named);
  return (process.env.PATH ?? '').split(delimiter).some((place) => isExecutable(join(place, 'nats-server')));
}

function node() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return (
    isOld &&
    `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: get one from https://nodejs.org.`
  );
}

function npm() {
  if (process.env.npm_execpath) return undefined;
  try {
    execFileSync('npm', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'npm is not on the PATH: it comes with Node from https://nodejs.org.';
  }
}

function folder() {
  const places = [repository, join(repository, 'node_modules')].filter((place) => existsSync(place));
  const closed = places.filter((place) => !can(place, constants.W_OK));
  return (
    closed.length > 0 &&
    `This user may not write to ${closed.join(' and ')}: take a clone of your own, or \`chown\` it.`
  );
}

function postgres() {
  return (
    !POSTGRES_PLATFORMS.includes(platform) &&
    `There is no packaged Postgres for ${platform}. These have one: ${POSTGRES_PLATFORMS.join(', ')}. On Windows use WSL 2.`
  );
}

function libc() {
  if (process.platform !== 'linux' || process.report.getReport().header.glibcVersionRuntime) return undefined;
  return 'The packaged Postgres needs glibc, and this is another libc (Alpine?): use a Debian, Ubuntu or Fedora system or image.';
}

function postgresUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      execFileSync('id', ['-u', name], { stdio: 'ignore' });
      return undefined;
    } catch {
      // Not here; the next one.
    }
  }
  return 'Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as: use an ordinary user.';
}

function nats() {
  if (process.env.NATS_SERVER_BIN && !hasNatsServer()) {
    return `NATS_SERVER_BIN names ${process.env.NATS_SERVER_BIN}, which is not an executable file: correct or unset it.`;
  }
  return (
    platform !== NATS_FROM_NPM &&
    !hasNatsServer() &&
    'No nats-server was found. Get one (2.9 or newer) by `apt install nats-server`, `brew install nats-server` or from ' +
      'https://github.com/nats-io/nats-server/releases, or copy it out of the Docker image `nats`; then put it on the PATH or set NATS_SERVER_BIN.'
  );
}

function isExecutable(path) {
  return can(path, constants.X_OK);
}

function can(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
