import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured, Row } from '../row.js';
import { ratio, shown } from './figures.js';
import type { Machine } from './machine.js';

/** A row with its measurements, as stored. */
export interface Result extends Measured {
  readonly name: string;
  readonly title: string;
  readonly measuredAt: string;
  readonly machine: Machine;
}

const FILE = 'results.json';

/** Stores the new results, and keeps those of rows that were not measured this time. */
export function keep(folder: string, rows: readonly Row[], fresh: readonly Result[]): void {
  const byName = new Map([...read(folder), ...fresh].map((result) => [result.name, result]));
  const kept = rows.flatMap(({ name }) => byName.get(name) ?? []);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), `${JSON.stringify(kept, null, 2)}\n`);
}

function read(folder: string): Result[] {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Result[];
  } catch {
    return [];
  }
}

/** The table as Markdown, for terminals and documents. */
export function table(results: readonly Result[]): string {
  const lines = results.flatMap(({ title, unit, figures, others = [], goals = [] }) => {
    const [ours] = figures;
    const goal = goals.map(({ text, reached, isReached }) => `${text}: ${reached}${isReached ? '' : ' **missed**'}`);
    return [
      ...figures.map((figure, index) => [
        index === 0 ? title : '',
        figure.what,
        `${shown(figure)} ${unit}`,
        '',
        index === 0 ? goal.join('; ') : '',
      ]),
      ...others.map((other) => [
        '',
        other.what,
        `${shown(other)} ${unit}`,
        shownRatio(ours ? ratio(ours, other) : Number.NaN),
        '',
      ]),
    ];
  });
  const head = ['what', 'by', 'figure', 'Bellhop / this', 'to reach'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shownRatio(value: number): string {
  // What counts losses has none.
  if (!Number.isFinite(value) || value === 0) return '';
  return `${value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(2)} ×`;
}
