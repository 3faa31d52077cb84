export type PayloadErrorCode = 'invalid_key' | 'unknown_key' | 'damaged' | 'code_wiped';

/** A payload key or a sealed payload that cannot be used. The message says what to do and holds no secret. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';

  constructor(
    readonly code: PayloadErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
