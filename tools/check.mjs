// npm run check: everything that can be said without running the code. Runs all checks, shows the failed ones at the end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFileProblems } from './lock-files.mjs';
import { prepare } from './prepare.mjs';
import { installed, repository, run } from './run.mjs';

const program =
  (path, ...args) =>
  () =>
    run(process.execPath, [installed(path), ...args], { isQuiet: true });

const checks = {
  'format, lint and import cycles': program(
    '@biomejs/biome/bin/biome',
    'ci',
    '--colors=off',
    '--error-on-warnings',
    '.',
  ),
  types: program('turbo/bin/turbo', 'run', 'types', '--output-logs=errors-only', '--ui=stream', '--continue'),
  'boundaries between packages': program('turbo/bin/turbo', 'boundaries', '--no-color'),
  'dead code and unlisted packages': program('knip/bin/knip.js', '--no-progress'),
  'generated schemas and reference': generated,
  'reference of the configuration': () =>
    run(process.execPath, ['tools/configuration-reference.mjs', '--check'], { isQuiet: true }),
  'compose file and rights on NATS': () =>
    run(process.execPath, ['tools/deployment.mjs', '--check'], { isQuiet: true }),
  'lock files: complete, each package with its hash, without registry hosts': lockFiles,
};

await prepare();
const failures = [];
for (const [name, check] of Object.entries(checks)) {
  const startedAt = Date.now();
  const { code, output } = await check();
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (code !== 0) failures.push({ name, output });
}
for (const { name, output } of failures) console.error(`\n── ${name} ──\n${output.trim()}`);
console.log(
  failures.length === 0
    ? '\nAll checks passed.'
    : `\n${failures.length} of ${Object.keys(checks).length} checks failed.`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Whatever is generated from the contract must equal what is committed. */
async function generated() {
  const folder = join(repository, 'packages/contracts');
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [command, ...args] = (scripts.generate ?? '').split(' ');
  if (command !== 'node')
    return { code: 1, output: 'packages/contracts has no script `generate` of the form `node …`.' };
  return run(process.execPath, [...args, '--check'], { cwd: folder, isQuiet: true });
}

async function lockFiles() {
  const problems = lockFileProblems();
  return { code: problems.length, output: problems.join('\n') };
}
