import { randomUUID } from 'node:crypto';
import { subjectOf } from '@bellhop/contracts/events';
import { normaliseAddress } from '@bellhop/contracts/persons';
import type { RpcName, RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { streams, streamsReadBy } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { parseConfig } from '@bellhop/http';
import { JetStreamPublisher, NatsLink, provisionJetStream, RpcClient } from '@bellhop/jetstream';
import {
  type NatsServer,
  type OidcProvider,
  startNats,
  startOidc,
  type TestDatabase,
  testDatabase,
  untilReady,
  waitFor,
} from '@bellhop/local-stack';
import { provisionService, type RunningService, runService } from '@bellhop/service';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { configSchema } from '../src/config.js';
import { guestAuthService, migrations } from '../src/guest-auth-service.js';
import { GuestBrowser } from './guest.js';
import { type Neighbours, startNeighbours } from './neighbours.js';

export const KEY = Buffer.alloc(32, 7).toString('base64');

/** A ticket of a guest, with a link to it. */
export interface GuestTicket {
  readonly ticketId: string;
  readonly number: string;
  readonly email: string;
  readonly link: string;
}

interface SentCode {
  readonly ticket: GuestTicket;
  readonly browser: GuestBrowser;
  readonly challengeId: string;
  readonly code: string;
}

export interface RunningGuestAuth {
  readonly url: string;
  readonly opsUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly issuer: string;
  readonly database: pg.Pool;
  readonly neighbours: Neighbours;
  /** A browser without cookies. */
  browser(address?: string): GuestBrowser;
  ask<N extends RpcName>(name: N, request: RpcRequest<N>): Promise<RpcResponse<N>>;
  /** Publishes an event of a ticket as `tickets` does, and waits until it was handled. */
  tell(
    type: 'ticket.replied.v1' | 'ticket.closed.v1' | 'ticket.reopened.v1',
    options: TicketEventOptions,
  ): Promise<void>;
  /** A ticket that guest-auth knows from an event, and a link to it. */
  ticket(of?: Partial<Pick<GuestTicket, 'ticketId' | 'email'>>): Promise<GuestTicket>;
  /** A browser that has followed the link of a new ticket, and the code that was sent. */
  codeSent(of?: Partial<Pick<GuestTicket, 'ticketId' | 'email'>>, browser?: GuestBrowser): Promise<SentCode>;
  /** A link to a ticket without any event. */
  link(ticketId: string, email: string): Promise<string>;
  /** The events in the stream GUESTS. */
  proven(): Promise<{ ticketId: string; challengeId: string }[]>;
  token(email: string): Promise<string>;
  /** One more replica, with settings of its own. */
  replica(env?: Record<string, string>): Promise<RunningService>;
  /**
   * Takes a lock, starts requests, and runs `meanwhile` as soon as `waiting` statements of the app wait for it. Then releases the lock and
   * returns the answers.
   */
  holding<R>(lock: Lock, begin: () => Promise<R>[], meanwhile?: () => unknown): Promise<R[]>;
  /** Deletes the spendings, so that one test does not exhaust the budgets of another. */
  forgetSpendings(): Promise<void>;
  stop(): Promise<void>;
}

interface Lock {
  readonly sql: string;
  readonly values?: unknown[];
  readonly waiting: number;
}

interface TicketEventOptions {
  readonly ticketId: string;
  readonly version: number;
  readonly number?: string;
  readonly email?: string;
  readonly locale?: string;
  readonly status?: 'open' | 'closed';
  readonly time?: Date;
}

type TicketEventName = Parameters<RunningGuestAuth['tell']>[0];

/** The whole app in this process, with servers of its own and stand-ins for the other services. */
export async function runningGuestAuth(env: Record<string, string> = {}): Promise<RunningGuestAuth> {
  const [nats, oidc, created] = await Promise.all([startNats(), startOidc(), testDatabase()]);
  const link = new NatsLink({ url: nats.url, name: 'tickets', log: () => undefined });
  link.start();
  const connection = await link.connected();
  await provision(connection, nats.url, created.url);
  const settings = settingsOf(nats, oidc, created);
  const running: RunningService[] = [];
  const replica = async (more: Record<string, string> = {}) => {
    const config = parseConfig(configSchema, { ...settings, ...env, ...more });
    const app = await runService(guestAuthService(config), config);
    running.push(app);
    await untilReady('guest-auth', app.opsUrl);
    return app;
  };
  const [{ url, opsUrl }, neighbours] = [await replica(), await startNeighbours(() => nats.url)];
  const database = new pg.Pool({ connectionString: created.url, max: 4 });
  database.on('error', () => undefined);
  const rpc = new RpcClient(link);
  const publisher = new JetStreamPublisher({ link });
  const tell: RunningGuestAuth['tell'] = (type, options) => publishTicket({ publisher, database }, type, options);
  const issue = async (ticketId: string, email: string) =>
    (await rpc.request('issueLinks', [{ deliveryId: randomUUID(), ticketId, email }]))[0]?.link as string;
  const ticket: RunningGuestAuth['ticket'] = async (of = {}) => {
    const { ticketId = randomUUID(), email = `g${randomUUID().slice(0, 8)}@example.com` } = of;
    const number = randomUUID().slice(0, 6).toUpperCase();
    await tell('ticket.replied.v1', { ticketId, number, email, version: 2, locale: 'pl' });
    neighbours.tickets.set(`${number} ${normaliseAddress(email)}`, { ticketId, email });
    return { ticketId, number, email, link: await issue(ticketId, email) };
  };
  return {
    ...{ url, opsUrl, natsUrl: nats.url, databaseUrl: created.url, issuer: oidc.issuer },
    ...{ database, neighbours, replica, tell, ticket, link: issue },
    browser: (address) => new GuestBrowser(url, address),
    ask: (name, request) => rpc.request(name, request),
    codeSent: async (of, browser = new GuestBrowser(url)) => sendCode(await ticket(of), browser, neighbours),
    proven: () => eventsOfGuests(connection),
    token: (email) => oidc.token(email),
    holding: (lock, begin, meanwhile) => whileHolding(database, lock, begin, meanwhile),
    forgetSpendings: async () => void (await database.query('delete from spendings')),
    async stop() {
      await Promise.all(running.map((app) => app.stop()));
      await neighbours.stop();
      publisher.close();
      await link.close();
      await database.end();
      await Promise.all([nats.stop(), oidc.stop(), created.drop()]);
    },
  };
}

async function provision(connection: NatsConnection, natsUrl: string, databaseUrl: string): Promise<void> {
  await provisionJetStream(connection, { streams: [streams.TICKETS], consumers: [], replicas: 1, apply: true });
  await provisionService({
    name: 'guest-auth',
    ...{ natsUrl, databaseUrl, migrations },
    streams: [streams.GUESTS],
    consumers: streamsReadBy('guest-auth').map((stream) => ({ stream, service: 'guest-auth' })),
    print: () => undefined,
  });
}

function settingsOf(nats: NatsServer, oidc: OidcProvider, database: TestDatabase): Record<string, string> {
  return {
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    PUBLIC_URL: 'http://localhost:3000',
    OIDC_ISSUER: oidc.issuer,
    OIDC_AUDIENCE: oidc.audience,
    GUEST_AUTH_KEY: KEY,
    ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
    TRUSTED_PROXIES: '127.0.0.1',
    PORT: '0',
    OPS_PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
  };
}

async function publishTicket(
  { publisher, database }: { publisher: JetStreamPublisher; database: pg.Pool },
  type: TicketEventName,
  options: TicketEventOptions,
): Promise<void> {
  const { ticketId, version, number = '7K4M2Q', email = 'jana@example.com', locale, time = new Date() } = options;
  const status = options.status ?? (type === 'ticket.closed.v1' ? 'closed' : 'open');
  const event = buildEvent(
    type,
    {
      ticket: { id: ticketId, number, version, status, url: undefined },
      requester: { kind: 'guest', email, ...(locale ? { locale } : {}), id: undefined, timezone: undefined },
    } as never,
    { time: time.toISOString() },
  );
  await publisher.publish([{ subject: subjectOf(type), id: event.id, data: Buffer.from(JSON.stringify(event)) }]);
  const isHandled = async () =>
    (await database.query('select from inbox where event_id = $1', [event.id])).rowCount === 1;
  await waitFor(isHandled, { what: 'the event to be handled' });
}

async function sendCode(ticket: GuestTicket, browser: GuestBrowser, neighbours: Neighbours): Promise<SentCode> {
  const { status, body } = await browser.open(ticket.link);
  if (status !== 202) throw new Error(`the link was answered with ${status}: ${JSON.stringify(body)}`);
  return { ticket, browser, challengeId: body.challengeId, code: await neighbours.codeOf(body.challengeId) };
}

async function eventsOfGuests(connection: NatsConnection): ReturnType<RunningGuestAuth['proven']> {
  const read = async (subject: string, body = {}) =>
    (await connection.request(`$JS.API.STREAM.${subject}`, JSON.stringify(body))).json<{
      state: { last_seq: number };
      message: { data: string };
    }>();
  const { state } = await read('INFO.GUESTS');
  const events = Array.from({ length: state.last_seq }, async (_, index) => {
    const { message } = await read('MSG.GET.GUESTS', { seq: index + 1 });
    return JSON.parse(Buffer.from(message.data, 'base64').toString()).data;
  });
  return Promise.all(events);
}

async function whileHolding<R>(
  database: pg.Pool,
  { sql, values = [], waiting }: Lock,
  begin: () => Promise<R>[],
  meanwhile: () => unknown = () => undefined,
): Promise<R[]> {
  const holder = await database.connect();
  const others = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const isReached = async () => ((await database.query(others)).rowCount ?? 0) >= waiting;
  try {
    await holder.query('begin');
    await holder.query(sql, values);
    const requests = begin();
    await waitFor(isReached, { what: `${waiting} statements to wait` });
    await meanwhile();
    await holder.query('rollback');
    return await Promise.all(requests);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}
