import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { faultEnvironment } from '../src/faults/fault-environment.js';

const PREPARED = faultEnvironment([]).NODE_OPTIONS;
const REACH = `const reach = globalThis[Symbol.for('bellhop.failpoint')]; const at = performance.now();`;

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Runs a few lines of JavaScript in a process that is prepared for failpoints. */
async function run(script: string, env: Record<string, string | undefined>): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: PREPARED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGTERM',
  });
  const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (ended.stdout += data));
  child.stderr.on('data', (data) => (ended.stderr += data));
  const [code, signal] = await once(child, 'close');
  return { ...ended, code, signal };
}

describe('a process that is prepared for failpoints', () => {
  it('dies by SIGKILL at the ordered call, tells which one it was, and does nothing after it', async () => {
    const script = `${REACH} for (let n = 1; ; n++) { console.log(n); await reach('intake.decided'); }`;
    const { signal, stdout, stderr } = await run(script, { FAILPOINT: 'intake.decided:3:kill' });
    expect(signal).toBe('SIGKILL');
    expect(stdout.trim().split('\n')).toEqual(['1', '2', '3']);
    expect(JSON.parse(stderr)).toEqual({ failpoint: 'intake.decided', nth: 3, action: 'kill' });
  });

  it('throws once at the ordered call; calls of other names do not count', async () => {
    const script = `${REACH}
      await reach('intake.claimed'); await reach('intake.decided');
      await reach('intake.decided').catch(({ name, message }) => console.log(name + ': ' + message));
      await reach('intake.decided'); console.log('went on');`;
    const { code, stdout } = await run(script, { FAILPOINT: 'intake.decided:2:throw' });
    expect(code).toBe(0);
    expect(stdout).toBe('FailpointReachedError: failpoint intake.decided was told to throw\nwent on\n');
  });

  it('waits for as long as it was told, and obeys several orders', async () => {
    const script = `${REACH} await reach('intake.decided'); console.log(performance.now() - at); await reach('intake.claimed');`;
    const { signal, stdout } = await run(script, { FAILPOINT: 'intake.decided:1:delay:300,intake.claimed:1:kill' });
    expect(Number(stdout)).toBeGreaterThanOrEqual(299);
    expect(signal).toBe('SIGKILL');
  });

  it('passes every failpoint when nothing is ordered', async () => {
    expect(await run(`${REACH} await reach('intake.decided');`, {})).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [
      'a failpoint that exists nowhere',
      { FAILPOINT: 'intake.declined:1:kill' },
      /^FAILPOINT has "intake.declined"\. The known ones are: .*intake\.decided/,
    ],
    [
      'an order of another form',
      { FAILPOINT: 'intake.decided:kill' },
      /^FAILPOINT has "intake.decided:kill": write name:nth:kill/,
    ],
  ])('refuses to start for %s, in one sentence', async (_, env, sentence) => {
    const { code, stdout, stderr } = await run(`console.log('started');`, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

it('a process that is not knows nothing of them', async () => {
  const script = `console.log(typeof globalThis[Symbol.for('bellhop.failpoint')]);`;
  const { code, stdout } = await run(script, { NODE_OPTIONS: '', FAILPOINT: 'nonsense' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'undefined\n' });
});
