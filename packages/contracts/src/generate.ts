import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles, SCHEMA_FOLDER } from './reference/generated-files.js';

/** Writes the JSON Schemas and the reference page; with `--check` it only tells whether they are what the code says. */
const PACKAGE = join(import.meta.dirname, '..');
const wanted = new Map([...generatedFiles(PACKAGE)].map(([path, text]) => [join(PACKAGE, path), text]));

if (process.argv.includes('--check')) check();
else write();

function check(): void {
  const differing = [...wanted].filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
  const stale = [...differing.map(([path]) => path), ...leftOver()];
  if (stale.length === 0) return;
  for (const path of stale) console.error(`${path} is not what the contract says`);
  console.error('Run `npm run generate -w @bellhop/contracts` and commit the result.');
  process.exitCode = 1;
}

function write(): void {
  for (const path of leftOver()) rmSync(path);
  for (const [path, text] of wanted) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Schemas of events that do not exist any more. */
function leftOver(): string[] {
  const folder = join(PACKAGE, SCHEMA_FOLDER);
  const present = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return present.filter((path) => !wanted.has(path));
}
