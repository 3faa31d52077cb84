import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Mailbox, startMailbox, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const run = promisify(execFile);
const example = (name: string) => fileURLToPath(new URL(`../../../examples/publish/${name}`, import.meta.url));

let mailbox: Mailbox;
let notifier: Notifier;

beforeAll(async () => {
  mailbox = await startMailbox();
  // With the accounts and rights of production, so that the examples work there, too.
  notifier = await Notifier.start({ emailUrl: mailbox.smtpUrl, nats: await startNats({ accounts: true }) });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await notifier?.nats.stop();
  await mailbox?.stop();
});

describe.each([
  ['publish.sh', 'bash'],
  ['publish.py', 'python3'],
  ['publish.mjs', process.execPath],
])('examples/publish/%s', (file, command) => {
  const number = file.replace('publish.', 'EX-').toUpperCase();
  const address = `${number.toLowerCase()}@example.com`;

  it('is under 40 lines', () => {
    expect(readFileSync(example(file), 'utf8').trimEnd().split('\n').length).toBeLessThan(40);
  });

  it('makes one Polish mail appear within 5 s of the acknowledgement', async () => {
    const { stdout } = await run(command, [example(file), address, number], {
      env: { PATH: process.env.PATH ?? '', NATS_URL: notifier.nats.urlFor('crm') },
    });
    expect(stdout).toMatch(/^stored: .*"stream": ?"INBOUND"/);
    const mail = await waitFor(async () => (await mailbox.mails()).find(({ to }) => to[0]?.address === address), {
      timeoutMs: 5_000,
      what: `a mail to ${address}`,
    });
    expect(mail.subject).toContain(number);
    expect(mail.html).toContain(`https://crm.example.com/t/${number}`);
    expect(mail.headers['content-language']).toBe('pl');
  });
});

it('a wrong password is refused with an error message', async () => {
  const url = new URL(notifier.nats.urlFor('crm'));
  url.password = 'wrong';
  const attempt = run('bash', [example('publish.sh')], { env: { PATH: process.env.PATH ?? '', NATS_URL: url.href } });
  await expect(attempt).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^refused: .*Authorization/) });
});
