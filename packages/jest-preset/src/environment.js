import { TestEnvironment } from 'jest-environment-node';

/** Node's environment, in which a spec file fails that leaves a server running or a temporary folder behind. */
export default class LeakCheckingEnvironment extends TestEnvironment {
  async teardown() {
    const leaked = [...(this.global[Symbol.for('bellhop.watched')] ?? [])];
    await super.teardown();
    if (leaked.length > 0) {
      throw new Error(
        `Stop in afterAll what the spec started. Left behind: ${leaked.join(', ').replaceAll('\t', ' ')}`,
      );
    }
  }
}
