import { connect, createServer, type Server } from 'node:net';
import type { MaildevMail } from '../src/servers/mailbox.js';
import type { Addresses } from '../src/up/run-up.js';

export const urlsOf = ({ ops, ...urls }: Addresses): string[] => [...Object.values(urls), ...Object.values(ops)];

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
