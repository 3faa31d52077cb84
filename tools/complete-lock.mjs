// Completes package-lock.json with the binaries for other platforms that the registry in reach does not offer.
//
// npm leaves out of the lock file what it cannot see, and then `npm ci` refuses that very file everywhere. A binary is
// named by its package with an exact version, and its platform by its own name: enough for npm to pass over it here and
// to install it there. Run it after `npm install`; `npm run check` says when it is needed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './run.mjs';

const SYSTEMS = { windows: 'win32' };
const PROCESSORS = { 64: 'x64' };
const LIBCS = { gnu: 'glibc', glibc: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };
const KNOWN_SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'windows',
];

/** The binaries that a lock file names as somebody's dependency and does not list: path → entry. */
export function missingBinaries({ packages }) {
  const found = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isListed(packages, path, name)) continue;
      found[`node_modules/${name}`] = entry(version, platformOf(name), dev);
    }
  }
  return found;
}

/** Its keys in npm's order, so that npm does not turn them round again. */
function entry(version, { os, cpu, libc }, dev) {
  return { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
}

function isListed(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** `@swc/core-linux-arm64-musl` → linux, arm64, musl. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const at = words.findIndex((word) => KNOWN_SYSTEMS.includes(word));
  if (at < 0)
    throw new Error(`The name ${name} does not say which platform it is for: add it to package-lock.json by hand.`);
  const [system, processor, libc] = words.slice(at);
  return {
    os: [SYSTEMS[system] ?? system],
    cpu: [PROCESSORS[processor] ?? processor],
    ...(LIBCS[libc] && { libc: [LIBCS[libc]] }),
  };
}

if (process.argv[1] === import.meta.filename) {
  const file = join(repository, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingBinaries(lock);
  const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([one], [other]) =>
    one.localeCompare(other, 'en'),
  );
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`${Object.keys(missing).length} binaries added to package-lock.json.`);
}
