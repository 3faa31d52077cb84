import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reaperOf } from '../../test/process-tree.js';
import { type TemporaryFolder, temporaryFolder } from '../folders.js';
import { describeProcess } from '../processes/describe-process.js';
import { endOrphans } from './orphans.js';

const BUILT = new URL('../../dist/', import.meta.url);
const HEEDFUL = 'console.log();setInterval(() => undefined, 1_000)';
const DEAF = `process.on('SIGTERM', () => undefined);${HEEDFUL}`;

/** Starts these scripts, keeps the record, and says their numbers. */
const UP = `
  import { startChild } from '${BUILT}processes/child.js';
  import { recordProcesses } from '${BUILT}processes/reaper.js';
  const [record, ...scripts] = process.argv.slice(1);
  recordProcesses(record);
  setInterval(() => undefined, 1_000);
  const started = scripts.map((script) => {
    let say;
    const isUp = new Promise((resolve) => { say = resolve; });
    return { child: startChild({ name: 'x', command: process.execPath, args: ['-e', script], onLine: say }), isUp };
  });
  await Promise.all(started.map(({ isUp }) => isUp));
  process.on('SIGTERM', async () => {
    await Promise.all(started.map(({ child }) => child.stop('SIGKILL')));
    process.exit();
  });
  console.log(JSON.stringify({ children: started.map(({ child }) => child.pid) }));
`;

describe('a process that an earlier run left running', () => {
  let folder: TemporaryFolder;
  let record: string;
  let left: number[];

  beforeEach(() => {
    folder = temporaryFolder('orphans');
    record = join(folder.path, 'processes.json');
    left = [];
  });
  afterEach(() => {
    for (const pid of left) if (describeProcess(pid) !== undefined) process.kill(pid, 'SIGKILL');
    folder.remove();
  });

  async function run(...scripts: string[]) {
    const up = spawn(process.execPath, ['--input-type=module', '-e', UP, '--', record, ...scripts], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(up, 'exit');
    const lines = createInterface({ input: up.stdout })[Symbol.asyncIterator]();
    const { children } = JSON.parse((await lines.next()).value as string) as { children: number[] };
    left = children;
    return { up, children, exited };
  }

  /** Kills it together with what would clean up after it. */
  async function leaveBehind(...scripts: string[]): Promise<number[]> {
    const { up, children, exited } = await run(...scripts);
    process.kill(reaperOf(up.pid as number), 'SIGKILL');
    up.kill('SIGKILL');
    await exited;
    return children;
  }

  it('is ended, whether it heeds a signal or not', async () => {
    const children = await leaveBehind(HEEDFUL, DEAF);
    expect(children.map(describeProcess)).toEqual([expect.any(String), expect.any(String)]);
    expect(await endOrphans(record, 500)).toBe(2);
    expect(children.map(describeProcess)).toEqual([undefined, undefined]);
    expect(await endOrphans(record)).toBe(0);
  });

  it('is left alone when its number has become that of somebody else', async () => {
    const [pid] = await leaveBehind(HEEDFUL);
    writeFileSync(record, JSON.stringify([{ pid, signal: 'SIGTERM', command: 'another program' }]));
    expect(await endOrphans(record)).toBe(0);
    expect(describeProcess(pid as number)).toBeDefined();
  });

  it('does not exist after a run that ended in good order', async () => {
    const { up, exited } = await run(HEEDFUL);
    up.kill('SIGTERM');
    await exited;
    expect(await endOrphans(record)).toBe(0);
  });

  it.each([undefined, '', '[{"pid"', '[]'])('does not exist by a record that says %j', async (text) => {
    if (text !== undefined) writeFileSync(record, text);
    expect(await endOrphans(record)).toBe(0);
  });
});
