// npm run screenshots: pictures of every page, in apps/portal/screenshots.
import { prepare } from './prepare.mjs';
import { installed, run } from './run.mjs';

await prepare();
const { code } = await run(
  process.execPath,
  [installed('jest/bin/jest.js'), '--testMatch', '<rootDir>/apps/portal/e2e/screenshots.ts'],
  { env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' } },
);
process.exitCode = code;
