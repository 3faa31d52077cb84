export type OutboxErrorCode = 'event_too_large';

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
