/** `npm run storm`: injects faults under load and checks whether the promises held. Exit code 1 if one did not. */
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { History } from './history/history.js';
import { markdownOf, reportOf } from './report/report.js';
import { runStorm } from './report/run-storm.js';

const REPORTS = fileURLToPath(new URL('../../../benchmarks/storm', import.meta.url));
const QUIET_MS = 240_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    minutes: { type: 'string', default: '5' },
    provider: { type: 'string', default: 'resend' },
    report: { type: 'string', default: REPORTS },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const { provider } = values;
if (!Number.isInteger(seed) || !(minutes > 0) || (provider !== 'smtp' && provider !== 'resend')) {
  console.error('npm run storm -- [--seed N] [--minutes M] [--provider resend|smtp] [--report folder]');
  process.exit(2);
}

const name = `${provider}-${seed}`;
mkdirSync(values.report, { recursive: true });
const fileOf = (kind: string) => join(values.report, `${name}.${kind}`);
const history = new History(fileOf('history.jsonl'));
const lines = createWriteStream(fileOf('log'));
console.log(`Storm with the seed ${seed}, ${minutes} minutes, over ${provider}.`);
const result = await runStorm({
  hasGuests: true,
  hasErp: true,
  ...{ seed, provider, history, durationMs: minutes * 60_000, quietMs: QUIET_MS },
  onProgress: (line) => console.log(line),
  onLine: (process, line) => lines.write(`${process} ${line}\n`),
});
history.close();
await new Promise<void>((resolve) => lines.end(resolve));
const report = reportOf(result, { seed, history });
writeFileSync(fileOf('json'), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(fileOf('md'), markdownOf(report));
console.log(`\n${markdownOf(report)}`);
if (report.violations.length === 0) rmSync(fileOf('log'));
else {
  writeFileSync(fileOf('evidence.json'), JSON.stringify(result.evidence));
  console.log(`The evidence is beside the report: ${fileOf('*')}`);
}
process.exit(report.violations.length === 0 ? 0 : 1);
