export type EmailTemplateErrorCode = 'no_such_template' | 'link_not_allowed' | 'invalid_time' | 'invalid_code';

/** What can go wrong here is a mistake of the caller: trying again does not help. The message says what to do. */
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
