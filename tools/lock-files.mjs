import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './run.mjs';

const FILES = [
  'package-lock.json',
  'packages/local-stack/nats-server/package-lock.json',
  'packages/email-templates/react-email/package-lock.json',
];

/**
 * Sentences about what is wrong with the lock files: they are tied neither to one registry nor to one platform, and `npm ci`
 * installs nothing that it cannot verify.
 */
export function lockFileProblems() {
  return FILES.flatMap((file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    const incomplete = incompleteEntries(JSON.parse(text));
    return [
      /"resolved": "[a-z+]*:\/\//.test(text) &&
        `${file} names the address of a registry: write it again with omit-lockfile-registry-resolved=true.`,
      // npm leaves out what its registry did not offer at the time, and does not come back to it by itself.
      incomplete.length > 0 &&
        `${file} does not list these, or without a hash: ${incomplete.join(', ')}. Remove them and the packages that name ` +
          'them from it, then run `npm install --package-lock-only`.',
    ].filter(Boolean);
  });
}

/** Paths of entries that `npm ci` could not verify (no hash), and of optional packages that are named and not listed. */
function incompleteEntries({ packages }) {
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
