import type { ProblemDocument } from '@bellhop/contracts/http';

/** Exit codes. Documented in docs/reference/operations.md, because scripts depend on them. */
export const EXIT = {
  done: 0,
  /** The service refused: there is no such thing, or it cannot be done now. */
  refused: 1,
  /** The command line is wrong, or a confirmation needs `--yes` because there is no terminal. */
  usage: 2,
  /** The service or the OpenID provider cannot be reached, or does not accept our token. */
  unreachable: 3,
  /** Many were requested and some were not done: each is listed. */
  partly: 4,
} as const;

/** Ends the command with a sentence for a person, and a code for a script. */
export class CliError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
    /** What the service answered, for `--json`. */
    readonly problem?: ProblemDocument,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
