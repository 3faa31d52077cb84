import type { Figure } from '../row.js';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The range of the runs, as a share of their median. */
function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** @param share 0.99 for the 99th percentile */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `3,102`, `31.4`, `0.84`: three significant digits or more. */
export function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function shown({ runs }: Figure): string {
  const [first = Number.NaN] = runs;
  if (runs.length === 1) return rounded(first);
  return `${rounded(median(runs))} ± ${Math.round((spread(runs) / 2) * 100)} %`;
}

/** The median of ours divided by the median of theirs. */
export function ratio(ours: Figure, theirs: Figure): number {
  return median(ours.runs) / median(theirs.runs);
}
