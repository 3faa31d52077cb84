export type OutboxErrorCode = 'no_transaction' | 'event_too_large' | 'wrong_result_count';

/** A mistake in the program that uses the outbox; trying again does not help. */
export class OutboxError extends Error {
  override readonly name = 'OutboxError';

  constructor(
    readonly code: OutboxErrorCode,
    message: string,
  ) {
    super(message);
  }
}
