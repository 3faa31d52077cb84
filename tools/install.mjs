import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasNatsServer } from './prerequisites.mjs';
import { repository, run } from './run.mjs';

const NATS_FOLDER = join(repository, 'packages/local-stack/nats-server');
export const EMAIL_PREVIEW_FOLDER = join(repository, 'packages/email-templates/react-email');
const MARK = '.bellhop-installed';

/** Brings node_modules to what package-lock.json says; returns at once when it is so already. */
export async function install() {
  if (!isInstalled(repository)) await npmCi(repository, 'Installing the packages (npm ci)', []);
  if (!hasNatsServer() && !isInstalled(NATS_FOLDER)) {
    await npmCi(NATS_FOLDER, 'Installing a NATS server', ['--ignore-scripts', '--loglevel=error']);
  }
}

/** react-email's preview: as large as half of everything else, and only wanted by who works on mails. */
export async function installEmailPreview() {
  if (isInstalled(EMAIL_PREVIEW_FOLDER)) return;
  await npmCi(EMAIL_PREVIEW_FOLDER, "Installing react-email's preview (once)", [
    '--ignore-scripts',
    '--loglevel=error',
  ]);
}

/** By the hash of the lock file that was installed last, else (npm was run by hand) by looking at each package. */
function isInstalled(folder) {
  const mark = join(folder, 'node_modules', MARK);
  const hash = lockHash(folder);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return true;
  const isSame = existsSync(join(folder, 'node_modules/.package-lock.json')) && matchesLock(folder);
  if (isSame) writeFileSync(mark, hash);
  return isSame;
}

function matchesLock(folder) {
  const packages = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).packages;
  const present = packages('node_modules/.package-lock.json');
  return Object.entries(packages('package-lock.json')).every(
    ([path, { version, optional, link }]) =>
      !path.includes('node_modules/') || optional || link || present[path]?.version === version,
  );
}

function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
}

async function npmCi(folder, title, flags) {
  console.log(`${title} …`);
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = [...first, 'ci', '--no-audit', '--no-fund', ...flags];
  const { code } = await run(command, args, { cwd: folder, sign: 'still installing' });
  if (code !== 0) {
    throw new Error(
      `\`npm ci\` failed in ${folder}. If the registry was out of reach, try again; otherwise see its lines above.`,
    );
  }
  writeFileSync(join(folder, 'node_modules', MARK), lockHash(folder));
}
