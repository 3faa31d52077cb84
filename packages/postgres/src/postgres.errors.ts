export type PostgresUsageErrorCode = 'no_transaction' | 'wrong_result_count';

/** A mistake in the program that uses this package; trying again does not help. */
export class PostgresUsageError extends Error {
  override readonly name = 'PostgresUsageError';

  constructor(
    readonly code: PostgresUsageErrorCode,
    message: string,
  ) {
    super(message);
  }
}
