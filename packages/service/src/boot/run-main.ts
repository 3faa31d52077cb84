import { StartUpError } from './start-up.errors.js';

/**
 * The outermost call of every `main.ts`. A start-up error ends the process with exit code 1 and its sentence on
 * stderr, without a stack trace; anything else is a bug, and its stack is printed.
 */
export async function runMain(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const text = error instanceof StartUpError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`, () => process.exit(1));
    process.exitCode = 1;
  }
}
