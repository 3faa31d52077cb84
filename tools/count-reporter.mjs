import { writeFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { LONG_SPECS } from '../packages/jest-preset/src/long-specs.js';

const LONG_MS = 60_000;

/**
 * Leaves for `npm test` to print: the counts of a run, the names of what failed (thousands of lines above, nobody finds them), and
 * which spec files took more than a minute, why.
 * A spec file that could not run at all counts as one failed test.
 */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failures = results.testResults.flatMap(({ testFilePath, testExecError, testResults }) => {
      const file = relative(process.cwd(), testFilePath);
      if (testExecError) return [`${file}: could not run`];
      return testResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${file}: ${fullName}`);
    });
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const slow = results.testResults
      .map(({ testFilePath, perfStats }) => ({ testFilePath, ms: perfStats.end - perfStats.start }))
      .filter(({ ms }) => ms > LONG_MS)
      .sort((a, b) => b.ms - a.ms)
      .map(({ testFilePath, ms }) => {
        const why =
          LONG_SPECS[basename(testFilePath)]?.why ?? 'not expected: make it faster, or say why in long-specs.js';
        return `${Math.round(ms / 1000)} s  ${relative(process.cwd(), testFilePath)}: ${why}`;
      });
    writeFileSync(
      process.env.BELLHOP_TEST_COUNTS,
      JSON.stringify({ passed: results.numPassedTests, failed, failures, slow }),
    );
  }
}
