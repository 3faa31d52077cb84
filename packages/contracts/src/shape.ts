import { z } from 'zod';

/**
 * A string of one form. `expects` ends the sentence "must be …" in every error about it, so an author learns the same
 * from a missing value, from one of a wrong type and from one of a wrong form. Patterns do without look-around and
 * without counts above 1,000, which the regular expressions of some languages do not have: they go into JSON Schemas.
 */
export function stringOf(pattern: RegExp, expects: string, maxLength?: number) {
  const error = `must be ${expects}`;
  const shape = z.string({ error }).regex(pattern, { error });
  // `$comment` is JSON Schema's own word for a note; the reference shows it as what the value is.
  return (maxLength === undefined ? shape : shape.max(maxLength, { error })).meta({ $comment: expects });
}

/** One of a closed list of words. */
export function wordOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });
}
