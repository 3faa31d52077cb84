export type EmailTemplateErrorCode = 'no_such_template' | 'link_not_allowed' | 'invalid_time' | 'invalid_code';

/** A mistake of the caller: a retry does not help. The message says what to do. */
export class EmailTemplateError extends Error {
  override readonly name = 'EmailTemplateError';

  constructor(
    readonly code: EmailTemplateErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
