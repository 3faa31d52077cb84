import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MaildevMail } from '../src/servers/mailbox.js';
import { waitFor } from '../src/wait-for.js';

const SCRIPT = fileURLToPath(new URL('../../../tools/up.mjs', import.meta.url));
const START_MS = 120_000;

export type AppKey = 'portal' | 'tickets' | 'notifications' | 'guestAuth';
export type Addresses = Record<AppKey | 'mailbox' | 'smtp' | 'push' | 'nats' | 'postgres' | 'oidc', string> & {
  ops: Record<AppKey, string>;
};

export const urlsOf = ({ ops, ...urls }: Addresses): string[] => [...Object.values(urls), ...Object.values(ops)];

/** `npm run up`, and what it has printed. */
export interface Run {
  child: ChildProcess;
  exited: Promise<number | null>;
  output(): string;
  addresses(): Promise<Addresses>;
}

export function startUp(dataDir: string, ...args: string[]): Run {
  const { PATH, HOME, TMPDIR, NATS_SERVER_BIN } = process.env;
  const env = { PATH, HOME, TMPDIR, NATS_SERVER_BIN, TZ: 'UTC', BELLHOP_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const addresses = async () => {
    await waitFor(() => /^Bellhop is up/m.test(output) || child.exitCode !== null, { timeoutMs: START_MS });
    if (child.exitCode !== null) throw new Error(output);
    return JSON.parse(readFileSync(join(dataDir, 'up.json'), 'utf8')) as Addresses;
  };
  return { child, exited, output: () => output, addresses };
}

export function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

/** Somebody who has the port already, if it is not us. */
export async function hold(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

export async function mailsOf({ mailbox }: Addresses): Promise<MaildevMail[]> {
  return (await (await fetch(`${mailbox}/email`)).json()) as MaildevMail[];
}

export async function tokenOf(oidc: string): Promise<string> {
  const body = JSON.stringify({ email: 'ada@example.com' });
  const answer = await fetch(`${oidc}/dev/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

export async function ticketsStatus({ tickets }: Addresses, token: string): Promise<number> {
  return (await fetch(`${tickets}/tickets`, { headers: { authorization: `Bearer ${token}` } })).status;
}
