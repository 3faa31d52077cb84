import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { subjectOf } from '@bellhop/contracts/events';
import { streams } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { JetStreamPublisher, NatsLink, provisionJetStream, RpcClient } from '@bellhop/jetstream';
import {
  appScript,
  type NatsServer,
  provisionApp,
  type RunningApp,
  startApp,
  startNats,
  startOidc,
  startTcpProxy,
  type TcpProxy,
  testDatabase,
  untilReady,
  waitFor,
} from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { GuestBrowser, wrong } from './guest.js';
import { type Neighbours, startNeighbours } from './neighbours.js';

const run = promisify(execFile);

let nats: NatsServer;
let oidc: Awaited<ReturnType<typeof startOidc>>;
let created: Awaited<ReturnType<typeof testDatabase>>;
let database: pg.Pool;
let neighbours: Neighbours;
let rpc: RpcClient;
let ticketsRpc: RpcClient;
let publisher: JetStreamPublisher;
const links: NatsLink[] = [];
const replicas: RunningApp[] = [];
const lines: string[] = [];

const linkOf = (user: Parameters<NatsServer['urlFor']>[0]) => {
  const link = new NatsLink({
    url: nats.urlFor(user),
    name: user,
    inboxPrefix: `_INBOX_${user}`,
    log: () => undefined,
  });
  link.start();
  links.push(link);
  return link;
};
const env = (databaseUrl = created.url) => ({
  NATS_URL: nats.urlFor('guest-auth'),
  DATABASE_URL: databaseUrl,
  PUBLIC_URL: 'http://localhost:3000',
  OIDC_ISSUER: oidc.issuer,
  OIDC_AUDIENCE: oidc.audience,
  ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
  GUEST_AUTH_KEY: Buffer.alloc(32, 7).toString('base64'),
  TRUSTED_PROXIES: '127.0.0.1',
  LOG_LEVEL: 'debug',
});

beforeAll(async () => {
  [nats, oidc, created] = await Promise.all([startNats({ accounts: true }), startOidc(), testDatabase()]);
  const provisioner = await linkOf('provisioner').connected();
  await provisionJetStream(provisioner, { streams: [streams.TICKETS], consumers: [], replicas: 1, apply: true });
  await provisionApp('guest-auth', { ...env(), NATS_URL: nats.urlFor('provisioner') });
  database = new pg.Pool({ connectionString: created.url, max: 6 });
  database.on('error', () => undefined);
  neighbours = await startNeighbours((service) => nats.urlFor(service));
  const [notifications, tickets] = [linkOf('notifications'), linkOf('tickets')];
  await Promise.all([notifications.connected(), tickets.connected()]);
  [rpc, ticketsRpc] = [new RpcClient(notifications), new RpcClient(tickets)];
  publisher = new JetStreamPublisher({ link: tickets });
});

afterAll(async () => {
  await neighbours.stop();
  publisher.close();
  await Promise.all(links.map((link) => link.close()));
  await database.end();
  await Promise.all([nats.stop(), oidc.stop(), created.drop()]);
});

async function startReplica(databaseUrl?: string): Promise<RunningApp> {
  const app = await startApp({ app: 'guest-auth', env: env(databaseUrl), onLine: (line) => lines.push(line) });
  replicas.push(app);
  await untilReady('guest-auth', app.opsUrl);
  return app;
}
afterEach(() => Promise.all(replicas.splice(0).map((app) => app.stop())));

/** A link to a ticket that the replicas know from an event. */
async function freshLink(): Promise<{ ticketId: string; link: string; email: string; number: string }> {
  const [ticketId, email, number] = [randomUUID(), `r${randomUUID().slice(0, 8)}@example.com`, 'K1LL3D'];
  const event = buildEvent('ticket.replied.v1', {
    ticket: { id: ticketId, number, version: 2, url: undefined },
    requester: { kind: 'guest', email, id: undefined, timezone: undefined } as never,
  });
  const message = { subject: subjectOf(event.type), id: event.id, data: Buffer.from(JSON.stringify(event)) };
  await publisher.publish([message]);
  await waitFor(async () => (await database.query('select from tickets where id = $1', [ticketId])).rowCount === 1);
  const [issued] = await rpc.request('issueLinks', [{ deliveryId: randomUUID(), ticketId, email }]);
  return { ticketId, email, number, link: issued?.link as string };
}

async function asked(url: string) {
  const [ticket, browser] = [await freshLink(), new GuestBrowser(url)];
  const { body } = await browser.open(ticket.link);
  return { ticket, browser, challengeId: body.challengeId, code: await neighbours.codeOf(body.challengeId) };
}

describe('the process of guest-auth', () => {
  it('names everything that its environment lacks, and repeats nothing of a broken key', async () => {
    const broken = { PATH: process.env.PATH, GUEST_AUTH_KEY: 'hunter2-hunter2' };
    const failed = await run(process.execPath, [appScript('guest-auth', 'main')], { env: broken }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 1 });
    for (const name of ['NATS_URL', 'DATABASE_URL', 'PUBLIC_URL', 'OIDC_ISSUER', 'GUEST_AUTH_KEY must be 32 bytes']) {
      expect(failed.stderr).toContain(name);
    }
    expect(failed.stderr).not.toContain('hunter2');
  });

  it('works with the permissions that NATS gives it, and shuts down in order', async () => {
    const app = await startReplica();
    const { browser, challengeId, code, ticket } = await asked(app.url);
    expect(await browser.verify(challengeId, code)).toMatchObject({ status: 200, body: { ticketId: ticket.ticketId } });
    const lost = await browser.send('POST', '/guest/links', { number: 'NOSUCH', email: ticket.email });
    expect(lost.status).toBe(202);
    await waitFor(() => neighbours.searches.some(({ number }) => number === 'NOSUCH'), { what: 'the search' });
    expect(await app.stop()).toBe(0);
  });
});

describe('two replicas', () => {
  let first: RunningApp;
  let second: RunningApp;
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startTcpProxy(Number(new URL(created.url).port));
    const through = new URL(created.url);
    through.port = String(proxy.port);
    [first, second] = await Promise.all([startReplica(through.href), startReplica()]);
  });
  afterEach(async () => {
    proxy.heal();
    await proxy.stop();
  });

  const triesOf = async (id: string) =>
    (await database.query('select tries, spent_at is not null as "isSpent" from challenges where id = $1', [id]))
      .rows[0];
  const untilWaiting = () =>
    waitFor(
      async () => {
        const { rows } = await database.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      },
      { what: 'the replica to wait for a lock' },
    );

  /** Holds a lock until the replica waits for it, and kills the replica, which ends its transaction. */
  async function killedWhileWaiting(lock: string, values: unknown[], request: () => Promise<unknown>): Promise<void> {
    const client = await database.connect();
    try {
      await client.query('begin');
      await client.query(lock, values);
      const lost = expect(request()).rejects.toThrow();
      await untilWaiting();
      await first.stop('SIGKILL');
      await lost;
      await client.query('rollback');
    } finally {
      client.release();
    }
    const others = `select from pg_stat_activity where application_name = 'guest-auth' and state = 'active'
                    and wait_event_type = 'Lock'`;
    await waitFor(async () => (await database.query(others)).rowCount === 0, { what: 'its transaction to be over' });
  }

  it('know each other’s challenges and count each other’s tries', async () => {
    const { browser, challengeId, code } = await asked(first.url);
    const left = [];
    for (const url of [second.url, first.url, second.url]) {
      left.push((await browser.at(url).verify(challengeId, wrong(code))).body.triesLeft);
    }
    expect(left).toEqual([4, 3, 2]);
    expect((await browser.at(second.url).verify(challengeId, code)).status).toBe(200);
  });

  it('one killed before it counted a try: the guest tries again at the other', async () => {
    const { browser, challengeId, code } = await asked(first.url);
    const lock = 'select from challenges where id = $1 for update';
    await killedWhileWaiting(lock, [challengeId], () => browser.verify(challengeId, code));
    expect((await browser.at(second.url).verify(challengeId, code)).status).toBe(200);
  });

  it('one killed between the count and the session: the code works at the other, and the try was counted', async () => {
    const { browser, challengeId, code } = await asked(first.url);
    await killedWhileWaiting('lock table sessions in access exclusive mode', [], () =>
      browser.verify(challengeId, code),
    );
    expect(await triesOf(challengeId)).toEqual({ tries: 1, isSpent: false });
    expect((await browser.at(second.url).verify(challengeId, code)).status).toBe(200);
  });

  it('one killed with the session committed and the answer lost: the same request is answered by the other', async () => {
    const { ticket, browser, challengeId, code } = await asked(first.url);
    const key = randomUUID();
    proxy.delay(150);
    const lost = expect(browser.verify(challengeId, code, { key })).rejects.toThrow();
    await waitFor(async () => (await triesOf(challengeId)).isSpent, { what: 'the code to be spent' });
    await first.stop('SIGKILL');
    await lost;
    const again = browser.at(second.url);
    expect(await again.verify(challengeId, code, { key })).toMatchObject({
      status: 200,
      body: { ticketId: ticket.ticketId },
    });
    const session = await ticketsRpc.request('readSession', { token: again.session as string });
    expect(session).toMatchObject({ ticketIds: [ticket.ticketId] });
  });

  it('the same without a key costs a new code, and no more', async () => {
    const { ticket, browser, challengeId, code } = await asked(first.url);
    proxy.delay(150);
    const lost = expect(browser.verify(challengeId, code)).rejects.toThrow();
    await waitFor(async () => (await triesOf(challengeId)).isSpent, { what: 'the code to be spent' });
    await first.stop('SIGKILL');
    await lost;
    const again = browser.at(second.url);
    expect((await again.verify(challengeId, code)).status).toBe(410);
    const { challengeId: next } = (await again.open(ticket.link)).body;
    expect((await again.verify(next, await neighbours.codeOf(next))).status).toBe(200);
  });
});

describe('S5 S8 S27 what is left behind', () => {
  it('S5 holds no link, no code, no cookie and no address: neither logs, nor tables, nor streams', async () => {
    const app = await startReplica();
    const { ticket, browser, challengeId, code } = await asked(app.url);
    await browser.verify(challengeId, wrong(code));
    const right = await browser.verify(challengeId, code, { key: randomUUID() });
    expect(right.status).toBe(200);
    const filing = { purpose: 'filing', ticketId: randomUUID(), email: ticket.email, number: 'F1L3D0' } as const;
    const filed = await ticketsRpc.request('openChallenge', { ...filing, browser: browser.token as string });
    const second = await neighbours.codeOf(filed.challengeId);
    await browser.verify(filed.challengeId, second);
    await browser.send('POST', '/guest/links', { number: ticket.number, email: ticket.email });
    await browser.open('x'.repeat(43), { headers: { cookie: '' } });
    await app.stop();

    const tables = ['links', 'challenges', 'sessions', 'spendings', 'tickets', 'outbox', 'idempotency_keys', 'inbox'];
    const rows = await Promise.all(tables.map(async (table) => (await database.query(`select * from ${table}`)).rows));
    const kept = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    const bytes = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64url') : value,
    );
    const logged = lines.join('\n');
    const streamed = JSON.stringify(await storedIn('GUESTS'));
    expect([logged.length, streamed.length, kept.length].every((length) => length > 100)).toBe(true);
    const secrets = { link: ticket.link, session: browser.session as string, browser: browser.token as string };
    for (const [name, secret] of Object.entries(secrets)) {
      for (const [where, text] of Object.entries({ kept, bytes, logged, streamed })) {
        expect({ name, where, isFound: text.includes(secret) }).toEqual({ name, where, isFound: false });
      }
    }
    for (const digits of [code, second]) {
      const alone = new RegExp(`(?<![0-9a-z-])${digits}(?![0-9a-z-])`, 'i');
      for (const text of [kept, logged, streamed]) expect(text).not.toMatch(alone);
    }
    for (const text of [logged, streamed]) expect(text).not.toContain(ticket.email);
  });

  /** As the owner of the stream, who may look at single messages. */
  async function storedIn(stream: 'GUESTS'): Promise<string[]> {
    const connection = await linkOf('guest-auth').connected();
    const ask = async (subject: string, body = {}) =>
      (await connection.request(`$JS.API.STREAM.${subject}.${stream}`, JSON.stringify(body))).json<{
        state: { last_seq: number };
        message: { data: string };
      }>();
    const { state } = await ask('INFO');
    expect(state.last_seq).toBeGreaterThan(0);
    const sequences = Array.from({ length: state.last_seq }, (_, index) => index + 1);
    const stored = await Promise.all(sequences.map((seq) => ask('MSG.GET', { seq })));
    return stored.map(({ message }) => Buffer.from(message.data, 'base64').toString());
  }
});
