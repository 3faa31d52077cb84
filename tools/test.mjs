// npm test: all tests, against servers they start themselves. What follows `--` goes to jest: `npm test -- packages/outbox`.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { installed, repository, run } from './run.mjs';

await prepare();

const place = mkdtempSync(join(tmpdir(), 'bellhop-test-'));
// Under root, Postgres runs as another user, who has to get to its own folder in here.
chmodSync(place, 0o711);
process.on('exit', () => rmSync(place, { recursive: true, force: true, maxRetries: 3 }));
process.on('SIGINT', () => process.exit(130));

const counts = join(place, 'counts.json');
const reporters = ['--reporters=default', `--reporters=${join(repository, 'tools/count-reporter.mjs')}`];
const { code } = await run(process.execPath, [installed('jest/bin/jest.js'), ...process.argv.slice(2), ...reporters], {
  env: {
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    TMPDIR: place,
    BELLHOP_TEST_COUNTS: counts,
  },
});
const { passed, failed, failures, slow } = existsSync(counts)
  ? JSON.parse(readFileSync(counts, 'utf8'))
  : { passed: 0, failed: 1, failures: [], slow: [] };
if (slow.length > 0) console.log(`\nMore than a minute each:\n${slow.join('\n')}`);
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = code || (failed > 0 ? 1 : 0);
