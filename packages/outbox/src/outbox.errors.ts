export type OutboxErrorCode = 'event_too_large';

/** A bug in the caller of the outbox; a retry does not help. */
export class OutboxError extends Error {
  override readonly name = 'OutboxError';

  constructor(
    readonly code: OutboxErrorCode,
    message: string,
  ) {
    super(message);
  }
}
