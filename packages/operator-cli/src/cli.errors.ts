import type { ProblemDocument } from '@bellhop/contracts/http';

/** What the process ends with. Documented in docs/reference/operations.md: scripts decide by it. */
export const EXIT = {
  done: 0,
  /** The service said no: there is no such thing, or it cannot be done now. */
  refused: 1,
  /** The command line cannot be used, or a question needs `--yes` because nobody is there to answer it. */
  usage: 2,
  /** The service, or who signs in, cannot be reached, or does not know us. */
  unreachable: 3,
  /** Many were asked for, and some were left: each is named. */
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
