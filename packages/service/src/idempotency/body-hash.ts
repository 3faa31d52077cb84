import { createHash } from 'node:crypto';
import { Problem } from '../http/problem.js';

/** No request of ours comes near; what is parsed without recursion could not be walked through with it. */
const MAX_DEPTH = 64;

/**
 * SHA-256 of a JSON value, whatever the order of its members: some clients build the same body anew for a retry.
 *
 * @throws Problem 422 `body_too_deep`
 */
export function hashOf(value: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value, 1)) ?? '')
    .digest();
}

function sorted(value: unknown, depth: number): unknown {
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member, depth + 1)]));
}

function tooDeep(): Problem {
  const detail = `Send lists and objects within each other at most ${MAX_DEPTH} deep.`;
  return new Problem(422, 'body_too_deep', 'The body is nested too deep', detail);
}
