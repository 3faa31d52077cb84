import type { z } from 'zod';

const MAX_PROBLEMS = 5;
/** What zod says where a schema has no words of its own. */
const ZOD_DEFAULT = /^(Invalid|Too |Unrecognized)/;
const JSON_WORDS: Record<string, string> = {
  object: 'a JSON object',
  array: 'a JSON array',
  string: 'a string',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

/**
 * Tells the author of an event, in one line, what is wrong with it: for each problem the field, the shape of what was
 * found and what belongs there. Values are never repeated, because they may be personal.
 */
export function describeEventProblems(error: z.ZodError, input: unknown): string {
  const lines = new Set(error.issues.map((issue) => describeIssue(issue, input)));
  const more = lines.size - MAX_PROBLEMS;
  const shown = [...lines].slice(0, MAX_PROBLEMS).join('; ');
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') return `${describePath(issue.path)} ${describeExpectation(issue)}`;
  if (issue.path.join('.') === 'data' && valueAt(input, ['data_base64']) !== undefined)
    return 'data_base64 is not read: send the data as a JSON object in "data"';
  return `${describePath(issue.path)} ${describeShape(valueAt(input, issue.path))}, ${describeExpectation(issue)}`;
}

/** The kind and size of a value, never the value: `is a string of 17 characters`. */
export function describeShape(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (Array.isArray(value)) return `is an array of ${value.length}`;
  if (typeof value === 'string') return describeString(value);
  if (typeof value === 'number')
    return `is a ${value < 0 ? 'negative ' : ''}${Number.isInteger(value) ? 'whole number' : 'fraction'}`;
  return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`;
}

function describeString(value: string): string {
  if (value === '') return 'is an empty string';
  const traits = [
    value.trim() !== value && 'spaces around it',
    /\p{Cc}/u.test(value) && 'control characters in it',
    /[^\p{ASCII}]/u.test(value) && 'non-ASCII characters in it',
  ].filter(Boolean);
  const tail = traits.length > 0 ? ` with ${traits.join(' and ')}` : '';
  return `is a string of ${value.length} ${value.length === 1 ? 'character' : 'characters'}${tail}`;
}

function describeExpectation(issue: z.core.$ZodIssue): string {
  if (!ZOD_DEFAULT.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${JSON_WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${describeUnit(issue.origin)}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${describeUnit(issue.origin)}`;
    case 'unrecognized_keys':
      return `has fields that the contract does not know: ${issue.keys.join(', ')}`;
    default:
      return `must be what its schema says (${issue.code})`;
  }
}

function describeUnit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

function describePath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the event';
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
