// Follows the Dockerfile without Docker: every stage is an empty folder, COPY copies, RUN runs. At the end the image's command is
// started and its health check asked. Usage: node .ci/walk-dockerfile.mjs <app>
//
// `.ci/run` uses it everywhere, because some machines have no Docker. It cannot show the base image, other users' rights and
// the container's network: .github/workflows/checks.yml builds and starts the real images.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { repository, run } from '../tools/run.mjs';

/** Folders of the repository whose code is in no image. */
const DEVELOPMENT_ONLY = /(^|\/)packages\/(bundle|jest-preset|local-stack|operator-cli|storm)\//;
/** What a failpoint calls once the harness has woken it. */
const FAILPOINT_CALL = 'bellhop.failpoint';
/** The harness would refuse to start with these; an image without it does not read them. */
const FAULTS = { FAILPOINT: 'anything:1:kill' };
const HEALTHY_WITHIN_MS = 30_000;

const [app] = process.argv.slice(2);
if (!app) {
  console.error('Name an app: node .ci/walk-dockerfile.mjs tickets');
  process.exit(2);
}

const place = mkdtempSync(join(tmpdir(), 'bellhop-image-'));
process.on('exit', () => rmSync(place, { recursive: true, force: true, maxRetries: 3 }));
process.on('SIGINT', () => process.exit(130));

const stages = new Map();
let stage;

/** One handler per instruction; what the walk cannot honour (USER, EXPOSE) is listed to be passed over knowingly. */
const instructions = {
  FROM(rest) {
    const name = / AS (\S+)$/i.exec(rest)?.[1] ?? 'final';
    stage = { name, root: mkdtempSync(join(place, `${name}-`)), folder: '/', env: { APP: app } };
    stages.set(name, stage);
  },
  ARG: () => undefined,
  USER: () => undefined,
  EXPOSE: () => undefined,
  ENV(rest) {
    for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
  },
  WORKDIR(rest) {
    stage.folder = rest;
    mkdirSync(inStage(stage, rest), { recursive: true });
  },
  COPY: copy,
  async RUN(rest) {
    const cwd = inStage(stage, stage.folder);
    const { code, output } = await run('sh', ['-c', rest], { cwd, env: stage.env, isQuiet: true, sign: 'still at it' });
    if (code !== 0) throw new Error(`${output}\nRUN ${rest} ended with code ${code}.`);
  },
  HEALTHCHECK(rest) {
    stage.healthCheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 3));
  },
  CMD(rest) {
    stage.command = JSON.parse(rest);
  },
};

try {
  for (const line of instructionsOf(readFileSync(join(repository, 'Dockerfile'), 'utf8'))) {
    const [, name, rest] = /^(\S+)\s+(.*)$/s.exec(line);
    if (!instructions[name])
      throw new Error(`The walk does not know ${name}. Teach it, or write the Dockerfile without it.`);
    console.log(line.split('\n')[0]);
    await instructions[name](name === 'RUN' ? rest : substituted(rest));
  }
  checkContents(join(stage.root, 'app'));
  await startAndAsk();
  console.log(`The image of ${app} builds, starts and is healthy.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function instructionsOf(text) {
  const withoutComments = text.replace(/^\s*#.*\n/gm, '');
  return withoutComments
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** Docker fills variables in everywhere but in RUN and CMD, where the shell does. */
function substituted(text) {
  return text.startsWith('[') || text.includes('CMD') ? text : text.replace(/\$\{?APP\}?/g, app);
}

function inStage({ root, folder }, path) {
  return path.startsWith('/') ? join(root, path) : join(root, folder, path);
}

async function copy(rest) {
  const from = /^--from=(\S+)\s+/.exec(rest)?.[1];
  const words = rest.replace(/^--from=\S+\s+/, '').split(/\s+/);
  const target = inStage(stage, words.pop());
  if (!from && words[0] === '.') return copyContext(target);
  if (!from) {
    for (const word of words) cpSync(join(repository, word), join(target, word));
    return;
  }
  for (const word of words) {
    const source = inStage(stages.get(from), word);
    const isFileIntoFolder = !word.endsWith('/') && target.endsWith('/');
    cpSync(source, isFileIntoFolder ? join(target, basename(word)) : target, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

/** What git knows of, less .dockerignore's folders: the build context of a fresh clone. */
async function copyContext(target) {
  const { output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { isQuiet: true });
  const ignored = readFileSync(join(repository, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const isIgnored = (file) =>
    ignored.some((entry) => !entry.includes('*') && (file === entry || file.startsWith(`${entry}/`)));
  for (const file of output.split('\n')) {
    const source = join(repository, file);
    if (file !== '' && !isIgnored(file) && existsSync(source)) cpSync(source, join(target, file));
  }
}

/** The image holds the bundle and nothing else: no package, nothing for development, nothing that can fail on purpose. */
function checkContents(folder) {
  const files = readdirSync(folder, { recursive: true });
  const own = app === 'portal' ? 'dist/site/index.html' : 'dist/provision.js';
  for (const needed of ['dist/main.js', own, 'THIRD-PARTY.txt'])
    if (!files.includes(needed)) throw new Error(`The image lacks ${needed}.`);
  if (files.some((file) => file.includes('node_modules'))) throw new Error('The image holds node_modules.');
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    if (readFileSync(join(folder, file), 'utf8').includes(FAILPOINT_CALL))
      throw new Error(`${file} mentions ${FAILPOINT_CALL}.`);
    const { sources } = JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8'));
    const foreign = sources.find((source) => DEVELOPMENT_ONLY.test(source));
    if (foreign) throw new Error(`${file} contains ${foreign}.`);
  }
}

/** With no server in reach: an app must be alive nevertheless, and say so. Orders to fail change nothing of it. */
async function startAndAsk() {
  const { env, command, healthCheck, folder } = stage;
  const nowhere = {
    NATS_URL: 'nats://nobody:none@127.0.0.1:1',
    DATABASE_URL: 'postgres://nobody:none@127.0.0.1:1/none',
  };
  const settings = {
    PUBLIC_URL: 'http://localhost',
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_AUDIENCE: 'bellhop',
    ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
    ATTACHMENTS_FOLDER: join(stage.root, 'app/attachments'),
  };
  const mail = {
    EMAIL_URL: 'smtp://127.0.0.1:1',
    EMAIL_FROM: 'a@example.com',
    PAYLOAD_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
  const portal = {
    TICKETS_URL: 'http://127.0.0.1:1',
    NOTIFICATIONS_URL: 'http://127.0.0.1:1',
    GUEST_AUTH_URL: 'http://127.0.0.1:1',
    SESSION_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const local = { HOST: '127.0.0.1', PORT: '39217', OPS_HOST: '127.0.0.1', OPS_PORT: '39218' };
  const all = { PATH: process.env.PATH, ...env, ...nowhere, ...settings, ...mail, ...portal, ...FAULTS, ...local };
  const cwd = inStage(stage, folder);
  const child = spawn(command[0], command.slice(1), { cwd, env: all, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  let isHealthy = false;
  while (!isHealthy && child.exitCode === null && Date.now() < deadline) {
    isHealthy = (await run(healthCheck[0], healthCheck.slice(1), { cwd, env: all, isQuiet: true })).code === 0;
  }
  child.kill('SIGTERM');
  const code = await ended;
  if (!isHealthy) throw new Error(`${output}\n${app} did not become healthy.`);
  if (code !== 0) throw new Error(`${output}\n${app} did not stop in good order: code ${code}.`);
}
