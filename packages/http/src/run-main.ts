import { jsonLogger } from './logging/json-logger.js';
import { StartUpError } from './start-up.errors.js';

/**
 * The outermost call of every `main.ts`. A start-up error ends the process with exit code 1 and its sentence on
 * stderr, without a stack trace; anything else is a bug, and its stack is printed.
 * @param service writes the error as a log line of this service, too. Commands have no log.
 */
export async function runMain(main: () => Promise<unknown>, service?: string): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (service !== undefined) jsonLogger(service).error({ message: 'cannot start', ...reasonOf(error) });
    const text = error instanceof StartUpError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`, () => process.exit(1));
    process.exitCode = 1;
  }
}

function reasonOf(error: unknown): Record<string, unknown> {
  return error instanceof StartUpError ? { code: error.code, reason: error.message } : { error };
}
