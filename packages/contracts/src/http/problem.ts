import { z } from 'zod';

/** One field of a request that could not be used. */
const problemField = z.object({
  /** Where it is, for example `guest.email`; empty for the whole body. */
  path: z.string(),
  message: z.string(),
});

/**
 * Every error of every service: RFC 9457 with a stable `code` (https://www.rfc-editor.org/rfc/rfc9457).
 * Programs decide by `code`, people read `title` and `detail`.
 */
export const problem = z.object({
  type: z.string().default('about:blank'),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** Snake case, never changes its meaning, for example `ticket_not_found`. */
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  detail: z.string().optional(),
  instance: z.string().optional(),
  /** With `invalid_request`: each field that is wrong. */
  errors: z.array(problemField).optional(),
});

export type ProblemField = z.infer<typeof problemField>;
export type ProblemDocument = z.infer<typeof problem>;
