export type PushErrorCode = 'invalid_vapid_keys' | 'invalid_push_subject' | 'invalid_endpoint' | 'invalid_keys';

/** What is wrong with a setting, or with the subscription of a browser. Never repeats a secret. */
export class PushError extends Error {
  override readonly name = 'PushError';

  constructor(
    readonly code: PushErrorCode,
    message: string,
  ) {
    super(message);
  }
}
