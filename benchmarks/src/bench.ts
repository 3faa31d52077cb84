/** `npm run bench`: measures the figures of `docs/explanation/performance.md`, prints them and stores them in `benchmarks/results`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rounded } from './report/figures.js';
import { machine } from './report/machine.js';
import { keep, type Result, table } from './report/results.js';
import type { Context, Figure } from './row.js';
import { rows } from './rows/index.js';

const RESULTS = fileURLToPath(new URL('../results', import.meta.url));
const RUNS = 3;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: RESULTS },
    help: { type: 'boolean', default: false },
  },
});
const names = rows.map(({ name }) => name);
const wanted = values.only?.split(',') ?? rows.filter(({ isLong }) => !isLong).map(({ name }) => name);
const unknown = wanted.filter((name) => !names.includes(name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no row ${unknown.join(', ')}.`);
  console.log(`npm run bench -- [--only ${names.join(',')}] [--quick] [--results folder]

  --only     these rows, instead of all but the long ones (${rows
    .filter(({ isLong }) => isLong)
    .map(({ name }) => name)
    .join(', ')})
  --quick    few events: tests that it works, not how fast; stores results only with --results
  --results  the folder for results.json and the pictures (benchmarks/results)`);
  process.exit(values.help ? 0 : 2);
}

const { quick: isQuick, results: folder } = values;
const startedAt = performance.now();
const seconds = () => `${Math.round((performance.now() - startedAt) / 1_000)} s`;
const results: Result[] = [];
const failures: string[] = [];
for (const row of rows.filter(({ name }) => wanted.includes(name))) {
  console.log(`\n${row.title} (${row.name})`);
  try {
    const measured = await row.run(context(isQuick, folder));
    results.push({
      name: row.name,
      title: row.title,
      measuredAt: new Date().toISOString(),
      machine: machine(),
      ...measured,
    });
  } catch (error) {
    failures.push(row.name);
    console.error(error);
  }
}
const { cores, cpu, memoryGib, node, commit } = machine();
console.log(`\n${table(results)}\n`);
for (const note of new Set(results.flatMap(({ notes = [] }) => notes))) console.log(`- ${note}`);
console.log(`\n${cores} × ${cpu}, ${memoryGib} GiB, Node ${node}, commit ${commit}; ${seconds()}.`);
if (!isQuick || folder !== RESULTS) keep(folder, rows, results);
if (failures.length > 0) console.error(`Not measured: ${failures.join(', ')}.`);
process.exit(failures.length > 0 ? 1 : 0);

function context(isQuick: boolean, folder: string): Context {
  const progress = (line: string) => console.log(`  ${seconds()}: ${line}`);
  return {
    isQuick,
    folder,
    progress,
    async measure<Name extends string>(contenders: Readonly<Record<Name, () => Promise<number>>>) {
      const figures = Object.keys(contenders).map((what) => ({ what: what as Name, runs: [] as number[] }));
      for (let run = 1; run <= RUNS; run++) {
        for (const { what, runs } of figures) {
          runs.push(await contenders[what]());
          progress(`${what}, run ${run}: ${rounded(runs.at(-1) as number)}`);
        }
      }
      const byName: Record<string, Figure> = Object.fromEntries(figures.map((figure) => [figure.what, figure]));
      return byName as Record<Name, Figure>;
    },
  };
}
