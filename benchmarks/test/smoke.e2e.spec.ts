import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Result {
  readonly name: string;
  readonly machine: { readonly node: string };
  readonly figures: readonly { readonly what: string; readonly runs: readonly number[] }[];
  readonly others: readonly { readonly what: string; readonly runs: readonly number[] }[];
}

const BENCH = fileURLToPath(new URL('../dist/bench.js', import.meta.url));

let folder: string;
let results: Result[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const args = [BENCH, '--quick', '--only', 'relay,intake,template', '--results', folder];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_ENV: 'production' } });
  results = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The best of several short runs: what else the machine had to do then was least. */
const best = ({ runs }: { readonly runs: readonly number[] }) => Math.max(...runs);

describe('a short run of the benchmarks', () => {
  it('says what was measured, and where', () => {
    expect(results.map(({ name }) => name)).toEqual(['relay', 'intake', 'template']);
    for (const { machine, figures } of results) {
      expect(machine.node).toBe(process.version);
      for (const { runs } of figures)
        expect(runs).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    }
  });

  // Far below what is usual, and above what one statement or one render() per event would leave of it.
  it.each([
    ['relay', 0.2],
    ['intake', 0.08],
    ['template', 50],
  ])('%s: not less than %d times what it is held against', (name, least) => {
    const { figures, others } = results.find((result) => result.name === name) as Result;
    expect(best(figures[0] as Result['figures'][0]) / best(others[0] as Result['others'][0])).toBeGreaterThan(least);
  });
});
