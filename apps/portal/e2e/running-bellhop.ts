import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Addresses, startUp, waitFor } from '@bellhop/local-stack';

const AGENT = 'agent@example.com';

export interface RunningBellhop extends Addresses {
  /** Files a ticket as somebody with an account. @returns its id */
  file(email: string, ticket?: { category?: string; subject?: string; body?: string }): Promise<string>;
  /** What a customer writes elsewhere. */
  write(email: string, ticketId: string, body: string): Promise<void>;
  /** Everything in it so far has been on a screen of its customer. */
  see(email: string, ticketId: string): Promise<void>;
  /** What an agent does at the desk: `replies`, `information-requests`, … */
  answer(ticketId: string, path: string, body?: object): Promise<void>;
  /** The conversation as its customer reads it. */
  messagesOf(email: string, ticketId: string): Promise<{ author: string; body: string }[]>;
  /** The newest mail to an address with this in its text; waits for it. */
  mailTo(address: string, contains: RegExp): Promise<Mail>;
  stop(): Promise<void>;
}

interface Mail {
  readonly to: readonly { readonly address: string }[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Everything, as `npm run up` starts it, with data of its own.
 * @param settings of the apps, where a test needs others
 */
export async function runBellhop(settings: Record<string, string> = {}): Promise<RunningBellhop> {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-portal-'));
  // Under root, Postgres runs as another user, who has to get to its data in here.
  chmodSync(folder, 0o711);
  const run = startUp(folder, { settings });
  const stop = async () => {
    run.child.kill('SIGINT');
    await run.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const addresses = await run.addresses();
    return { ...addresses, ...people(addresses), mailTo: mailbox(addresses), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What people do elsewhere, not in the browser of the spec. */
function people({ tickets, oidc }: Addresses) {
  const ask = async <T>(email: string, path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<T> => {
    const json = { 'content-type': 'application/json' };
    const sign = { method: 'POST', headers: json, body: JSON.stringify({ email }) };
    const { access_token } = (await (await fetch(`${oidc}/dev/token`, sign)).json()) as { access_token: string };
    const headers = { ...json, authorization: `Bearer ${access_token}`, 'idempotency-key': crypto.randomUUID() };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const reply = await fetch(tickets + path, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const usual = { category: 'trading', subject: 'Order stuck', body: 'Order 4711 has been open since noon.' };
  return {
    file: async (email, ticket) => (await ask<{ id: string }>(email, '/tickets', { ...usual, ...ticket })).id,
    write: (email, ticketId, body) => ask(email, `/tickets/${ticketId}/messages`, { body }),
    see: async (email, ticketId) => {
      const { ticket } = await ask<{ ticket: { version: number } }>(email, `/tickets/${ticketId}`);
      await ask(email, `/tickets/${ticketId}/seen`, { version: ticket.version }, 'PUT');
    },
    answer: (ticketId, path, body = {}) => ask(AGENT, `/desk/tickets/${ticketId}/${path}`, body),
    messagesOf: async (email, ticketId) => {
      const ticket = await ask<{ messages: { author: string; body: string }[] }>(email, `/tickets/${ticketId}`);
      return ticket.messages;
    },
  } satisfies Partial<RunningBellhop>;
}

function mailbox({ mailbox: url }: Addresses): RunningBellhop['mailTo'] {
  return async (address, contains) => {
    const find = async () => {
      const mails = (await (await fetch(`${url}/email`)).json()) as Mail[];
      return mails.findLast(({ to, text }) => to.some((one) => one.address === address) && contains.test(text));
    };
    return waitFor(find, { what: `a mail to ${address}`, timeoutMs: 30_000 });
  };
}
