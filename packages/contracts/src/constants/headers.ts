/** Why an operator does or looks at something, for the audit; percent-encoded where it is not ASCII. */
export const AUDIT_REASON_HEADER = 'audit-reason';

/**
 * A key chosen by the client; repeating a POST with the same key and body gives the first answer again.
 * The same key with another body is refused with 422 `idempotency_key_reused`.
 */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** Tells that an answer is the stored one of an earlier request with the same key. */
export const IDEMPOTENT_REPLAY_HEADER = 'idempotent-replayed';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
