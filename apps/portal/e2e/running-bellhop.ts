import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@bellhop/local-stack';

const UP = fileURLToPath(new URL('../../../tools/up.mjs', import.meta.url));
const START_MS = 120_000;

type Addresses = Record<'portal' | 'tickets' | 'mailbox' | 'oidc', string>;

export interface RunningBellhop extends Addresses {
  /** What an agent does at the desk: `replies`, `information-requests`, … */
  answer(ticketId: string, path: string, body: object): Promise<void>;
  /** The newest mail to an address with this in its text; waits for it. */
  mailTo(address: string, contains: RegExp): Promise<string>;
  stop(): Promise<void>;
}

/** Everything, as `npm run up` starts it, with data of its own. */
export async function runBellhop(): Promise<RunningBellhop> {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-portal-'));
  // Under root, Postgres runs as another user, who has to get to its data in here.
  chmodSync(folder, 0o711);
  const { PATH, HOME, TMPDIR, NATS_SERVER_BIN } = process.env;
  const env = { PATH, HOME, TMPDIR, NATS_SERVER_BIN, TZ: 'UTC', BELLHOP_DATA_DIR: folder };
  const child = spawn(process.execPath, [UP], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(() => /^Bellhop is up/m.test(output) || child.exitCode !== null, {
      what: 'Bellhop to be up',
      timeoutMs: START_MS,
    });
    const addresses = JSON.parse(readFileSync(join(folder, 'up.json'), 'utf8')) as Addresses;
    return { ...addresses, answer: desk(addresses), mailTo: mailbox(addresses), stop };
  } catch (error) {
    await stop();
    throw new Error(`npm run up did not start:\n${output}`, { cause: error });
  }
}

function desk({ tickets, oidc }: Addresses): RunningBellhop['answer'] {
  return async (ticketId, path, body) => {
    const json = { 'content-type': 'application/json' };
    const sign = { method: 'POST', headers: json, body: JSON.stringify({ email: 'agent@example.com' }) };
    const { access_token } = (await (await fetch(`${oidc}/dev/token`, sign)).json()) as { access_token: string };
    const headers = { ...json, authorization: `Bearer ${access_token}`, 'idempotency-key': crypto.randomUUID() };
    const reply = await fetch(`${tickets}/desk/tickets/${ticketId}/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`the desk answered ${reply.status}: ${await reply.text()}`);
  };
}

function mailbox({ mailbox: url }: Addresses): RunningBellhop['mailTo'] {
  interface Mail {
    readonly to: readonly { readonly address: string }[];
    readonly text: string;
  }
  return async (address, contains) => {
    const find = async () => {
      const mails = (await (await fetch(`${url}/email`)).json()) as Mail[];
      return mails.findLast(({ to, text }) => to.some((one) => one.address === address) && contains.test(text))?.text;
    };
    await waitFor(async () => (await find()) !== undefined, { what: `a mail to ${address}`, timeoutMs: 30_000 });
    return (await find()) as string;
  };
}
