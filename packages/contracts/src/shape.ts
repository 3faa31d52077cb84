import { z } from 'zod';

/**
 * A string of one form. `expects` ends the sentence "must be …" in every error about it, so an author learns the same
 * from a missing value, from one of a wrong type and from one of a wrong form.
 */
export function stringOf(pattern: RegExp, expects: string) {
  const error = `must be ${expects}`;
  return z.string({ error }).regex(pattern, { error });
}

/** One of a closed list of words. */
export function wordOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });
}
