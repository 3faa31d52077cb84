import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, write } from './answers.js';
import { pushPage } from './page.js';
import type { PushService } from './push-service.js';
import { readFaultRule } from './read-fault-rule.js';

const MOST_BODY_BYTES = 100_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** What other processes and people use: everything but the pushes themselves. */
export function routesOf(service: PushService): Record<string, Handler> {
  return {
    'GET /': (_, response) =>
      write(response, {
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        },
        body: pushPage(service.pushes()),
      }),
    'GET /pushes': (_, response) => write(response, json(200, service.pushes())),
    'DELETE /pushes': (_, response) => {
      service.forget();
      done(response);
    },
    'GET /shown': (_, response) => write(response, json(200, service.shown())),
    'POST /subscriptions': async (request, response) => {
      const { vapidKey } = ((await bodyOf(request)) ?? {}) as { vapidKey?: unknown };
      if (vapidKey !== undefined && typeof vapidKey !== 'string') throw new Error('The field `vapidKey` is a string.');
      write(response, json(201, service.subscribe(vapidKey === undefined ? {} : { vapidKey })));
    },
    'POST /faults': async (request, response) => {
      const body = await bodyOf(request);
      const rules = (Array.isArray(body) ? body : [body]).map(readFaultRule);
      for (const rule of rules) service.when(rule);
      done(response);
    },
    'DELETE /faults': (_, response) => {
      service.forgetRules();
      done(response);
    },
  };
}

/** @throws Error with a sentence for people */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new Error(`The body has more than ${MOST_BODY_BYTES} bytes.`);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function done(response: ServerResponse): void {
  response.writeHead(204).end();
}
