import { z } from 'zod';
import { MAX_PAGE_SIZE, PAGE_SIZE } from '../constants/limits.js';

/** Opaque position in a list; comes from `next` of the page before. */
export const cursor = z.string().regex(/^[A-Za-z0-9_-]{1,512}$/, 'the `next` of the page before, unchanged');

const LIMIT = `must be a whole number from 1 to ${MAX_PAGE_SIZE}`;

const limit = z
  .string({ error: LIMIT })
  .regex(/^\d{1,3}$/, { error: LIMIT, abort: true })
  .transform(Number)
  .refine((value) => value >= 1 && value <= MAX_PAGE_SIZE, LIMIT);

/** Query of every list. Query values are strings, so `limit` is read from one. */
export const pageQuery = z.object({
  cursor: cursor.optional(),
  limit: limit.default(PAGE_SIZE),
});

/** Answer of every list: `next` is null on the last page. */
export const page = <const T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: cursor.nullable() });

export interface Page<T> {
  items: T[];
  next: string | null;
}
