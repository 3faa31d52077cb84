import { z } from 'zod';

/** The value of the header `Idempotency-Key`. */
export const idempotencyKey = z
  .string()
  // The draft of the IETF writes it in quotes; a client that learns to do so keeps its keys.
  .transform((header) => header.replace(/^"(.*)"$/, '$1'))
  .pipe(
    z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 printable ASCII characters without spaces, for example a UUID'),
  );
