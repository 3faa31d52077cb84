import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait-for.js';
import { describeProcess } from './describe-process.js';

const BUILT = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** A program that starts NATS and a mailbox, says where, and then hangs or ends by itself. */
const PROGRAM = `
  import { startMailbox, startNats } from ${JSON.stringify(BUILT)};
  const [nats, mailbox] = await Promise.all([startNats(), startMailbox()]);
  console.log(JSON.stringify({ nats: nats.url, mailbox: mailbox.webUrl }));
  if (process.argv.includes('hang')) setInterval(() => undefined, 1_000);
`;

async function startProgram(...args: string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, NATS_SERVER_BIN: process.env.NATS_SERVER_BIN },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const addresses = JSON.parse((await lines.next()).value as string) as { nats: string; mailbox: string };
  return { child, addresses };
}

const isGone = (url: string) =>
  fetch(url.replace('nats:', 'http:')).then(
    () => false,
    ({ cause }: { cause?: { code?: string } }) => cause?.code === 'ECONNREFUSED',
  );

describe('servers and the process that started them', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('are gone when it ended by %s', async (signal) => {
    const { child, addresses } = await startProgram('hang');
    expect(await isGone(addresses.mailbox)).toBe(false);
    child.kill(signal);
    for (const url of Object.values(addresses)) {
      await waitFor(() => isGone(url), { what: `${url} to be gone after ${signal}` });
    }
    await waitFor(() => describeProcess(child.pid as number) === undefined, { what: 'the program to have ended' });
  });

  it('do not keep it from ending by itself, and are gone then', async () => {
    const { child, addresses } = await startProgram();
    await waitFor(() => child.exitCode === 0, { what: 'the program to end' });
    for (const url of Object.values(addresses)) await waitFor(() => isGone(url));
  });
});
