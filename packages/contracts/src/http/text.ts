import { z } from 'zod';

/** Postgres stores no NUL in text, and a lone surrogate is not Unicode text. */
const isStorable = (value: string) => !value.includes('\u0000') && !/\p{Cs}/u.test(value);

/** At least one character that can be seen: zero-width ones, fillers and the blank of Braille cannot. */
const VISIBLE = /[^\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}\u2800]/u;

const text = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength, `must be at most ${maxLength} characters long`)
    .refine(isStorable, 'must be valid Unicode text without NUL characters');

/** Text that a person wrote: trimmed, not empty, of at most `maxLength` UTF-16 units. */
export const writtenText = (maxLength: number) => text(maxLength).regex(VISIBLE, 'must not be empty');

/** The same, or none: `''` where nothing can be seen. */
export const optionalText = (maxLength: number) =>
  text(maxLength)
    .transform((written) => (VISIBLE.test(written) ? written : ''))
    .default('');

/** One line: no line breaks or other control characters, nor those that turn the direction of what follows around. */
export const writtenLine = (maxLength: number) =>
  writtenText(maxLength).regex(
    /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u,
    'must be a single line without control characters',
  );
