import { once } from 'node:events';
import { createServer } from 'node:http';
import { LocalStackError } from '../local-stack.errors.js';
import type { AcceptedEmail } from './email-events.js';
import type { ResendCore } from './resend-core.js';
import type { ResendControl } from './resend-options.js';

/** On a port of its own, so that the app under test meets nothing but the API, and a paused API still answers tests. */
const METHODS = [
  'requests',
  'webhooks',
  'when',
  'forgetRules',
  'chaos',
  'set',
  'advance',
  'webhook',
  'clear',
  'pause',
  'resume',
] as const satisfies (keyof ResendControl)[];

/** Mails per answer, so that no answer grows beyond what is comfortable to parse. */
const PAGE = 500;

interface Order {
  method: string;
  args: unknown[];
}

export async function serveControl(core: ResendCore, port: number): Promise<void> {
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const result = await obey(core, JSON.parse(Buffer.concat(chunks).toString('utf8')) as Order);
      response.end(JSON.stringify({ result }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** The same methods in the process that the server does not run in. */
export function remoteControl(port: number): ResendControl {
  const order = async (method: string, args: unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ method, args });
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
    if (!answer.ok) throw new LocalStackError('control_failed', await answer.text());
    return ((await answer.json()) as { result?: unknown }).result;
  };
  const methods = METHODS.map((method) => [method, (...args: unknown[]) => order(method, args)]);
  const emails: ResendControl['emails'] = async ({ isBrief = false, from = 0 } = {}) => {
    const all: AcceptedEmail[] = [];
    for (;;) {
      const page = (await order('page', [from + all.length, PAGE, isBrief])) as AcceptedEmail[];
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  };
  return { ...(Object.fromEntries(methods) as Omit<ResendControl, 'emails'>), emails };
}

function obey(core: ResendCore, { method, args }: Order): unknown {
  if (method === 'page') return core.page(...(args as Parameters<ResendCore['page']>));
  const known = METHODS.find((name) => name === method);
  if (!known) throw new Error(`No method ${method}.`);
  return (core[known] as (...args: unknown[]) => Promise<unknown>).apply(core, args);
}
