/** Characters that could move the cursor or colour the screen: the text shown may come from anybody. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
const GAP = '  ';
const MAX_CELL = 60;

export function plain(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** Columns as wide as their longest cell. The last one may be long; the others are truncated. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map((cell, index) => fitted(plain(cell), index === row.length - 1)));
  const widths = head.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  return lines
    .map((row) => row.map((cell, column) => cell.padEnd(column < row.length - 1 ? (widths[column] ?? 0) : 0)).join(GAP))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** One fact per line: `name  value`. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${GAP}${plain(value)}`.trimEnd()).join('\n');
}

/** `2026-11-25 23:04:05Z`: UTC, to the second. */
export function moment(time: string | null): string {
  return time === null ? '-' : new Date(time).toISOString().replace('T', ' ').replace(/\.\d+/, '');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

function fitted(cell: string, isLast: boolean): string {
  return isLast || cell.length <= MAX_CELL ? cell : `${cell.slice(0, MAX_CELL - 1)}…`;
}
