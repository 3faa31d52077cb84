import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Leaves the counts of a run for `npm test` to print, and the names of what failed: thousands of lines above, nobody finds them.
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
    writeFileSync(
      process.env.BELLHOP_TEST_COUNTS,
      JSON.stringify({ passed: results.numPassedTests, failed, failures }),
    );
  }
}
