import { writeFileSync } from 'node:fs';

/** Leaves the counts of a run for `npm test` to print. A spec file that could not run at all counts as one failed test. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    writeFileSync(process.env.BELLHOP_TEST_COUNTS, JSON.stringify({ passed: results.numPassedTests, failed }));
  }
}
