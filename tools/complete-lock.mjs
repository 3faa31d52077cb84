// Completes package-lock.json: every package that it installs, on any platform, is listed with the hash of its content.
//
// npm leaves out, or lists without a hash, what its registry did not offer at the time (binaries for other platforms), and does
// not come back to it by itself. So those entries are taken out, with the packages that name them, and npm resolves them again.
// Run it after `npm install`; `npm run check` says when it is needed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, run } from './run.mjs';

/** Paths of entries that `npm ci` could not verify (no hash), and of optional packages that are named and not listed. */
export function incompleteEntries({ packages }) {
  const unverified = Object.entries(packages)
    .filter(
      ([path, { link, inBundle, integrity }]) => path.includes('node_modules/') && !link && !inBundle && !integrity,
    )
    .map(([path]) => path);
  const unlisted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isListed(packages, path, name))
      .map((name) => `node_modules/${name}`),
  );
  return [...new Set([...unverified, ...unlisted])];
}

/** Node's way of looking: beside the package that names it, then in each folder above. */
function isListed(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

async function complete(file) {
  const read = () => JSON.parse(readFileSync(file, 'utf8'));
  const lock = read();
  const paths = incompleteEntries(lock);
  if (paths.length === 0) return 'package-lock.json is complete.';
  const names = new Set(paths.map((path) => path.split('node_modules/').at(-1)));
  const isAffected = ([path, { optionalDependencies = {} }]) =>
    path.includes('node_modules/') &&
    (paths.includes(path) || Object.keys(optionalDependencies).some((name) => names.has(name)));
  const packages = Object.fromEntries(Object.entries(lock.packages).filter((entry) => !isAffected(entry)));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  const { code } = await run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--loglevel=error']);
  const left = incompleteEntries(read());
  if (code !== 0 || left.length > 0) {
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
    throw new Error(`The registry does not offer them, so nothing was changed: ${left.join(', ')}.`);
  }
  return `${paths.length} entries of package-lock.json completed: look at the difference before you commit it.`;
}

if (process.argv[1] === import.meta.filename) console.log(await complete(join(repository, 'package-lock.json')));
