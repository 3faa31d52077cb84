/**
 * An array in the text format of Postgres, `{"a",1,null}` (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-INPUT).
 * Undefined where JSON would write it differently; pg writes those.
 *
 * A batch is one array per column, and pg scans each element twice for characters to escape, which nearly none has. JSON writes
 * an array without escapes in half the time, and differs only in the brackets.
 */
export function arrayText(values: readonly unknown[]): string | undefined {
  if (!values.every(isPlain)) return undefined;
  const text = JSON.stringify(values);
  return text.includes('\\') ? undefined : `{${text.slice(1, -1)}}`;
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true;
    case 'number':
      return Number.isFinite(value);
    default:
      return value === null || (value instanceof Date && hasPlainYear(value));
  }
}

/** JSON writes other years, and invalid dates, differently. */
function hasPlainYear(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}
