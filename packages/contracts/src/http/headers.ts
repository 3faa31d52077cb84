import { z } from 'zod';

/** Why an operator does or looks at something, for the audit; percent-encoded where it is not ASCII. */
export const AUDIT_REASON_HEADER = 'audit-reason';

/**
 * A key chosen by the client; repeating a POST with the same key and body gives the first answer again.
 * The same key with another body is refused with 422 `idempotency_key_reused`.
 */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

export const idempotencyKey = z
  .string()
  // The draft of the IETF writes it in quotes; a client that learns to do so keeps its keys.
  .transform((header) => header.replace(/^"(.*)"$/, '$1'))
  .pipe(
    z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 printable ASCII characters without spaces, for example a UUID'),
  );

/** Tells that an answer is the stored one of an earlier request with the same key. */
export const IDEMPOTENT_REPLAY_HEADER = 'idempotent-replayed';
