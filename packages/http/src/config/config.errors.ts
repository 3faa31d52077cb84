import { StartUpError } from '../start-up.errors.js';

/** Every environment variable that is missing or unusable, one line each, never its value. */
export class ConfigError extends StartUpError {
  constructor(readonly problems: readonly string[]) {
    super(
      'invalid_configuration',
      `Cannot start: ${problems.length === 1 ? '1 setting is' : `${problems.length} settings are`} missing or unusable.\n${problems
        .map((problem) => `  - ${problem}`)
        .join('\n')}\nSet them in the environment and start again.`,
    );
  }
}
