import { createHash } from 'node:crypto';
import { MAX_DEPTH, tooDeep } from '../http/json-depth.js';

/**
 * SHA-256 of a JSON value, independent of the order of its members: some clients build the body again for a retry.
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
