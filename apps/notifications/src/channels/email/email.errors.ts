export type EmailErrorCode =
  | 'invalid_address'
  | 'invalid_header'
  | 'invalid_email_from'
  | 'invalid_email_bounce'
  | 'invalid_email_url'
  | 'invalid_frozen_mail';

/** A mail, or the set-up for mails, that we refuse to work with. The message says what to do and holds no secret. */
export class EmailError extends Error {
  override readonly name = 'EmailError';

  constructor(
    readonly code: EmailErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
