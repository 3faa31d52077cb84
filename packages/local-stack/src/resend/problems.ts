/** The documented error names with the status each goes with: https://resend.com/docs/api-reference/errors */
const STATUS = {
  invalid_idempotency_key: 400,
  missing_api_key: 401,
  invalid_api_key: 403,
  not_found: 404,
  method_not_allowed: 405,
  invalid_idempotent_request: 409,
  concurrent_idempotent_requests: 409,
  invalid_from_address: 422,
  invalid_parameter: 422,
  missing_required_field: 422,
  // Documented as 400 and 403; wrong fields of a mail have been answered with 422 for years.
  validation_error: 422,
  rate_limit_exceeded: 429,
  daily_quota_exceeded: 429,
  monthly_quota_exceeded: 429,
  application_error: 500,
  internal_server_error: 500,
} as const;

export type ProblemName = keyof typeof STATUS;

/** Why a request was not taken, in the form that the API answers with. */
export class Problem extends Error {
  readonly statusCode: number;

  constructor(name: ProblemName, message: string, statusCode: number = STATUS[name]) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
  }

  toJSON(): { statusCode: number; name: string; message: string } {
    return { statusCode: this.statusCode, name: this.name, message: this.message };
  }
}
