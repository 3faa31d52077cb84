import { randomUUID } from 'node:crypto';
import { streams, type TicketEvent } from '@bellhop/contracts';
import { NatsLink } from '@bellhop/jetstream';
import { startNats, startOidc, waitFor } from '@bellhop/local-stack';
import { provisionService, runService } from '@bellhop/service';
import type { Type } from '@nestjs/common';
import { migrations, ticketsService } from '../src/tickets-service.js';
import { ticketStream } from './ticket-stream.js';
import { type TicketsDatabase, ticketsDatabase } from './tickets-database.js';

interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows which answer it asked for, and checks it
  readonly body: any;
  readonly headers: Headers;
}

interface RequestOptions {
  /** `Idempotency-Key`; a new one for each POST unless told, null for none. */
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
}

/** One person with their token, or nobody. */
export interface Person {
  get(path: string, options?: RequestOptions): Promise<Reply>;
  post(path: string, body?: unknown, options?: RequestOptions): Promise<Reply>;
  put(path: string, body?: unknown, options?: RequestOptions): Promise<Reply>;
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Reply>;
}

export interface RunningTickets {
  readonly url: string;
  readonly database: TicketsDatabase;
  readonly nobody: Person;
  /** Somebody whom the local OpenID provider knows. */
  as(email: string): Promise<Person>;
  /** Their access token. */
  token(email: string): Promise<string>;
  /** What lies in the stream about a ticket, as soon as it is `count` events. */
  events(ticketId: string, count: number): Promise<TicketEvent[]>;
  stop(): Promise<void>;
}

/** The whole app in this process, on a free port, with its own NATS, database and OpenID provider. */
export async function runningTickets(more: { modules?: Type[] } = {}): Promise<RunningTickets> {
  const [nats, oidc, database] = await Promise.all([startNats(), startOidc(), ticketsDatabase()]);
  const servers = { natsUrl: nats.url, databaseUrl: database.url };
  await provisionService({
    name: 'tickets',
    ...servers,
    migrations,
    streams: [streams.TICKETS],
    consumers: [],
    print: () => {},
  });
  const definition = ticketsService({
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    PUBLIC_URL: 'http://localhost:3000',
    OIDC_ISSUER: oidc.issuer,
    OIDC_AUDIENCE: oidc.audience,
    PORT: 0,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    DATABASE_POOL_SIZE: 10,
  });
  const app = await runService({ ...definition, modules: [...definition.modules, ...(more.modules ?? [])] });
  await waitFor(async () => (await fetch(`${app.url}/readyz`)).ok, { what: 'tickets to be ready' });
  const link = new NatsLink({ url: nats.url, name: 'spec', log: () => {} });
  link.start();
  const stream = ticketStream(await link.connected());
  return {
    url: app.url,
    database,
    nobody: person(app.url),
    token: (email) => oidc.token(email),
    as: async (email) => person(app.url, await oidc.token(email)),
    events: (ticketId, count) =>
      waitFor(
        async () => {
          const events = (await stream()).filter((event) => event.subject === ticketId);
          return events.length >= count && events;
        },
        { what: `${count} events of ticket ${ticketId}` },
      ),
    async stop() {
      await link.close();
      await app.stop();
      await Promise.all([nats.stop(), oidc.stop(), database.drop()]);
    },
  };
}

function person(url: string, token?: string): Person {
  async function send(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Reply> {
    const key = options.key === undefined && method === 'POST' ? randomUUID() : options.key;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(key && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: isJson && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    };
  }
  return {
    send,
    get: (path, options) => send('GET', path, undefined, options),
    post: (path, body, options) => send('POST', path, body, options),
    put: (path, body, options) => send('PUT', path, body, options),
  };
}
