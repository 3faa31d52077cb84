import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, type Mailbox, startMailbox, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';

const run = promisify(execFile);
const fromExamples = (path: string) => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const example = (name: string) => fromExamples(`publish/${name}`);

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

// That it prints pushes is tested where all services run: packages/local-stack/test/up.e2e.spec.ts.
describe('examples/push/push.mjs', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellhop-push-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const writeAddresses = (name: string, notifications: string) =>
    writeFileSync(join(folder, name), JSON.stringify({ notifications, push: notifications }));
  /** What the script says when it gives up. */
  async function refusal(name: string, ...args: string[]): Promise<string> {
    const attempt = run(process.execPath, [fromExamples('push/push.mjs'), ...args], {
      env: { BELLHOP: join(folder, name) },
    });
    const { code, stderr } = await attempt.then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(code).toBe(1);
    return stderr;
  }

  it('says what to start when there is no up.json, or nobody answers where it leads', async () => {
    expect(await refusal('none.json')).toMatch(/none\.json cannot be read: start `npm run up`/);
    const url = `http://127.0.0.1:${await freePort()}`;
    writeAddresses('stopped.json', url);
    expect(await refusal('stopped.json')).toBe(`${url} does not answer (ECONNREFUSED): is \`npm run up\` running?\n`);
  });

  it('says how to switch web push on where it is off', async () => {
    writeAddresses('off.json', notifier.replicas[0]?.url ?? '');
    expect(await refusal('off.json')).toMatch(/^Web push is off there\..*VAPID_KEYS/);
  });

  it('refuses an option that it does not have', async () => {
    expect(await refusal('none.json', '--twice')).toMatch(/'--twice'.*\nUsage: /);
  });
});
