import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TicketEvent } from '@bellhop/contracts/events';
import { streams, streamsReadBy } from '@bellhop/contracts/streams';
import { startNats, startOidc, untilReady, waitFor } from '@bellhop/local-stack';
import { ErasureKeys, provisionService, runService } from '@bellhop/service';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Type } from '@nestjs/common';
import type { Config } from '../src/config.js';
import { migrations, ticketsService } from '../src/tickets-service.js';
import { migratedDatabase, type TicketsDatabase } from './database.js';
import { GuestAuthStandIn } from './guest-auth-stand-in.js';
import { ticketStream } from './ticket-stream.js';

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
  upload(name: string, content: string | Uint8Array, options?: RequestOptions & { type?: string }): Promise<Reply>;
}

export interface RunningTickets {
  readonly url: string;
  /** Where attachments lie. */
  readonly folder: string;
  readonly database: TicketsDatabase;
  readonly nobody: Person;
  readonly guestAuth: GuestAuthStandIn;
  /** Of a bystander who may do anything. */
  readonly nats: NatsConnection;
  readonly natsUrl: string;
  /** A guest's browser with this cookie, such as a session's or its own. */
  browser(cookie: string): Person;
  /** Somebody with this access token. @param url of another replica */
  signedIn(token: string, url?: string): Person;
  /** Somebody whom the local OpenID provider knows. */
  as(email: string): Promise<Person>;
  /** Their access token. */
  token(email: string): Promise<string>;
  /** One more replica of the app. @param natsUrl another way to the same NATS @returns its address */
  addReplica(natsUrl?: string): Promise<string>;
  /** What lies in the stream about a ticket, as soon as it is `count` events. */
  events(ticketId: string, count: number): Promise<TicketEvent[]>;
  stop(): Promise<void>;
}

/** The whole app in this process, on a free port, with its own NATS, database and OpenID provider. */
export async function runningTickets(
  more: { modules?: Type[]; config?: Partial<Config> } = {},
): Promise<RunningTickets> {
  const [nats, oidc, database] = await Promise.all([startNats(), startOidc(), migratedDatabase()]);
  const folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  const servers = { natsUrl: nats.url, databaseUrl: database.url };
  await provisionService({
    name: 'tickets',
    ...servers,
    migrations,
    streams: [streams.TICKETS, streams.GUESTS, streams.DEAD_LETTERS],
    consumers: streamsReadBy('tickets').map((stream) => ({ stream, service: 'tickets' as const })),
    print: () => {},
  });
  const config: Config = {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    PUBLIC_URL: 'http://localhost:3000',
    OIDC_ISSUER: oidc.issuer,
    OIDC_AUDIENCE: oidc.audience,
    OIDC_TOKEN_TYPES: ['at+jwt'],
    OIDC_TRUST_EMAIL: false,
    PORT: 0,
    OPS_PORT: 0,
    OPS_HOST: '127.0.0.1',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    DATABASE_POOL_SIZE: 10,
    TICKETS_PER_PERSON: 10_000,
    MESSAGES_PER_PERSON: 10_000,
    MAX_UNPROVEN_TICKETS: 10_000,
    ERASURE_KEY: new ErasureKeys([Buffer.alloc(32, 5)]),
    ATTACHMENTS_FOLDER: folder,
    ATTACHMENTS_KEEP_FREE_BYTES: 1,
    ATTACHMENTS_PER_TICKET_BYTES: 2e8,
    ATTACHMENTS_UNSENT_BYTES: 2e8,
    ATTACHMENTS_PER_NETWORK_BYTES: 4e8,
    ...more.config,
  };
  const definition = ticketsService(config);
  const app = await runService({ ...definition, modules: [...definition.modules, ...(more.modules ?? [])] }, config);
  await untilReady('tickets', app.opsUrl);
  const replicas = [app];
  const bystander = await connect({ servers: nats.url });
  const stream = ticketStream(bystander);
  const signedIn = (token: string, url = app.url) => person(url, { authorization: `Bearer ${token}` });
  return {
    url: app.url,
    folder,
    database,
    nobody: person(app.url),
    guestAuth: new GuestAuthStandIn(bystander),
    nats: bystander,
    natsUrl: nats.url,
    async addReplica(natsUrl = nats.url) {
      const settings = { ...config, NATS_URL: natsUrl };
      const replica = await runService(ticketsService(settings), settings);
      replicas.push(replica);
      await untilReady('tickets', replica.opsUrl);
      return replica.url;
    },
    browser: (cookie) => person(app.url, { cookie }),
    signedIn,
    token: (email) => oidc.token(email),
    as: async (email) => signedIn(await oidc.token(email)),
    events: (ticketId, count) =>
      waitFor(
        async () => {
          const events = (await stream()).filter((event) => event.subject === ticketId);
          return events.length >= count && events;
        },
        { what: `${count} events of ticket ${ticketId}` },
      ),
    async stop() {
      await bystander.close();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all([nats.stop(), oidc.stop(), database.stop(), rm(folder, { recursive: true })]);
    },
  };
}

function person(url: string, credentials: Record<string, string> = {}): Person {
  async function send(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Reply> {
    const key = options.key === undefined && method === 'POST' ? randomUUID() : options.key;
    const isJsonSent = body !== undefined && !(body instanceof FormData);
    const response = await fetch(url + path, {
      method,
      headers: {
        ...credentials,
        ...(key && { 'idempotency-key': key }),
        ...(isJsonSent && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && {
        body: isJsonSent && typeof body !== 'string' ? JSON.stringify(body) : (body as string),
      }),
    });
    const text = await textOf(response);
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
    upload(name, content, { type = '', ...options } = {}) {
      const form = new FormData();
      form.append('file', new Blob([content as string], { type }), name);
      return send('POST', '/attachments', form, options);
    },
  };
}

/** All of it; of a stream, which has no end, up to its first event. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('data: ')) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  return text;
}
