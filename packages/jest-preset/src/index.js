import { fileURLToPath } from 'node:url';

const swc = {
  jsc: {
    parser: { syntax: 'typescript', tsx: true, decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      react: { runtime: 'automatic' },
      useDefineForClassFields: false,
    },
    target: 'es2022',
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/**
 * Jest for native ES modules, TypeScript and Nest's decorators, to be run with NODE_OPTIONS=--experimental-vm-modules.
 * One Postgres serves the run: ask it for a database by `testDatabase()` of `@bellhop/local-stack`, which must be built.
 * Specs are found by their kind: `*.unit.spec.ts`, `*.int.spec.ts`, `*.e2e.spec.ts`. Sibling packages are used as built (`dist`).
 */
export function jestConfig(rootDir) {
  return {
    rootDir,
    testMatch: ['<rootDir>/**/*.(unit|int|e2e).spec.(ts|tsx)'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.bellhop/'],
    testEnvironment: fileURLToPath(new URL('environment.js', import.meta.url)),
    extensionsToTreatAsEsm: ['.ts', '.tsx'],
    transform: { '\\.tsx?$': [fileURLToPath(import.meta.resolve('@swc/jest')), swc] },
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    // Ends only what hangs. How long something may take, the waits of a spec say.
    testTimeout: 300_000,
    testSequencer: fileURLToPath(new URL('long-first.js', import.meta.url)),
    // One more than the cores that we plan for: the spec of long outages does nothing for four minutes.
    maxWorkers: 3,
    // Modules that a spec has loaded are never given back: a worker above this is replaced before its next spec.
    workerIdleMemoryLimit: '1GB',
    // Not below the system's temporary folder, which `npm test` replaces by one that is gone afterwards.
    cacheDirectory: `${rootDir}/node_modules/.cache/jest`,
    globalSetup: fileURLToPath(new URL('global-setup.js', import.meta.url)),
    globalTeardown: fileURLToPath(new URL('global-teardown.js', import.meta.url)),
  };
}
