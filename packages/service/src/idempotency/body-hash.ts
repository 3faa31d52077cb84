import { createHash } from 'node:crypto';

/** SHA-256 of a JSON value, whatever the order of its members: some clients build the same body anew for a retry. */
export function hashOf(value: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)) ?? '')
    .digest();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
