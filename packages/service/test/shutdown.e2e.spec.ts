import { Agent, get } from 'node:http';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import { type NatsServer, type PostgresServer, startNats, startPostgres, waitFor } from '@bellhop/local-stack';
import { readBacklog } from '@bellhop/outbox';
import { dataSourceFor } from '@bellhop/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { buildFixture, type FixtureApp, provisionFixture, startFixture } from './fixture-app.js';
import { missing } from './test-service.js';

let nats: NatsServer;
let postgres: PostgresServer;
let link: NatsLink;
let publisher: JetStreamPublisher;
let database: DataSource;
let databaseUrl: string;
let app: FixtureApp;

beforeAll(async () => {
  buildFixture();
  [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  databaseUrl = await postgres.createDatabase();
  await provisionFixture(nats.url, databaseUrl);
  link = new NatsLink({ url: nats.url, name: 'test', log: () => undefined });
  link.start();
  await link.connected();
  publisher = new JetStreamPublisher({ link });
  database = await dataSourceFor({ service: 'test', url: databaseUrl }).initialize();
});
afterAll(async () => {
  await database.destroy();
  publisher.close();
  await link.close();
  await nats.stop();
  await postgres.stop();
});

beforeEach(async () => {
  await database.query('truncate things');
  await link.connection?.request('$JS.API.STREAM.PURGE.TICKETS');
  app = await startFixture({ NATS_URL: nats.url, DATABASE_URL: databaseUrl });
  await waitFor(async () => (await missing(app.opsUrl)).length === 0, { what: 'the service to be ready' });
});
afterEach(async () => {
  app?.child.kill('SIGKILL');
  await app?.exited;
});

let lastId = 0;
/** Events that take so long to handle. */
async function publish(count: number, takesMs: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    lastId += 1;
    const id = `${process.pid}-${lastId}`;
    return { subject: 'tickets.v1.replied', id, data: Buffer.from(JSON.stringify({ id, takesMs })) };
  });
  const outcomes = await publisher.publish(messages);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
}

const inFlight = async () =>
  Number(/bellhop_events_in_flight\S* (\d+)/.exec(await (await fetch(`${app.opsUrl}/metrics`)).text())?.[1]);

async function things(): Promise<number> {
  const [row] = await database.query('select count(*)::int as count from things');
  return row.count;
}

async function ackPending(): Promise<number> {
  const answer = await link.connection?.request('$JS.API.CONSUMER.INFO.TICKETS.notifications');
  const info = answer?.json<{ num_ack_pending: number }>();
  return info?.num_ack_pending ?? Number.NaN;
}

async function transactions(): Promise<number> {
  const [row] = await database.query(
    `select count(*)::int as count from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
  );
  return row.count;
}

/** Opens an event stream and resolves with how it ended. */
async function openStream(): Promise<{ ended: Promise<string> }> {
  const response = await fetch(`${app.url}/stream`);
  const reader = response.body?.getReader();
  await reader?.read();
  const ended = (async () => {
    while (!(await reader?.read())?.done);
    return 'ended in order';
  })().catch((error: unknown) => `cut off: ${error}`);
  return { ended };
}

/** A request over a connection that the client would like to keep. */
function keepAliveRequest(path: string): Promise<{ status: number; body: string }> {
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    get(app.url + path, { agent }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

async function stop(signal: NodeJS.Signals): Promise<{ code: number | string; ms: number }> {
  const startedAt = performance.now();
  app.child.kill(signal);
  return { code: await app.exited, ms: performance.now() - startedAt };
}

describe('shutting down', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes the request and the events in flight and ends the stream, all within seconds',
    async (signal) => {
      const stream = await openStream();
      await keepAliveRequest('/things');
      await publish(300, 600);
      await waitFor(async () => (await inFlight()) > 100, { what: 'events in flight' });
      const slow = keepAliveRequest('/slow?ms=1500');
      await waitFor(async () => (await inFlight()) > 0);
      const { code, ms } = await stop(signal);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(6_000);
      expect(await slow).toEqual({ status: 200, body: '{"waitedMs":1500}' });
      expect(await stream.ended).toBe('ended in order');
      expect(await ackPending()).toBe(0);
      const before = await things();
      expect(before).toBeGreaterThan(100);
      expect(app.lines().at(-1)).toMatchObject({ message: 'stopped' });
    },
  );

  it('loses no event and handles none twice when another process takes over', async () => {
    await publish(900, 300);
    await waitFor(async () => (await inFlight()) > 100, { what: 'events in flight' });
    await stop('SIGTERM');
    app = await startFixture({ NATS_URL: nats.url, DATABASE_URL: databaseUrl });
    await waitFor(async () => (await things()) >= 900, { what: 'all events', timeoutMs: 20_000 });
    const [row] = await database.query('select count(*)::int as total, count(distinct name)::int as names from things');
    expect(row).toEqual({ total: 900, names: 900 });
  });

  it('publishes what the last requests commit, before it is gone', async () => {
    const answers = [700, 800, 900, 1_000, 1_100].map((ms) => fetch(`${app.url}/events?ms=${ms}`, { method: 'POST' }));
    await waitFor(async () => (await transactions()) === 5, { what: 'the requests to have begun' });
    const { code } = await stop('SIGTERM');
    expect(code).toBe(0);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await readBacklog(database)).toMatchObject({ count: 0 });
  });

  it('is not ready for half a second before it refuses anything, so that a load balancer can see it', async () => {
    const startedAt = performance.now();
    const stopped = stop('SIGTERM');
    await waitFor(async () => (await missing(app.opsUrl)).includes('process'), {
      what: 'the process to say that it stops',
    });
    for (;;) {
      const status = await fetch(`${app.url}/things`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 200) break;
    }
    expect(performance.now() - startedAt).toBeGreaterThan(450);
    expect((await stopped).code).toBe(0);
  });

  it('is not ready from the first moment, but still answers', async () => {
    await publish(10, 2_000);
    await waitFor(async () => (await inFlight()) > 0, { what: 'events in flight' });
    app.child.kill('SIGTERM');
    await waitFor(async () => (await missing(app.opsUrl)).includes('process'), {
      what: 'the process to say that it stops',
    });
    expect((await fetch(`${app.url}/things`)).status).toBe(200);
    expect(await app.exited).toBe(0);
  });

  it('does not wait for ever for a request that takes too long', async () => {
    const endless = keepAliveRequest('/slow?ms=60000').catch((error: NodeJS.ErrnoException) => error.code);
    await waitFor(async () => (await fetch(`${app.url}/healthz`)).ok);
    const { code, ms } = await stop('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(8_000);
    expect(await endless).toBe('ECONNRESET');
    expect(app.lines()).toContainEqual(expect.objectContaining({ message: 'open requests did not stop in time' }));
  });

  it('is cut short by a second signal', async () => {
    await publish(10, 30_000);
    await waitFor(async () => (await inFlight()) > 0, { what: 'events in flight' });
    app.child.kill('SIGTERM');
    await waitFor(() => app.lines().some(({ message }) => message === 'stopping'), { what: 'the first signal' });
    const { code, ms } = await stop('SIGINT');
    expect(code).toBe(1);
    expect(ms).toBeLessThan(1_000);
  });

  it('ends although Postgres and NATS are away', async () => {
    await Promise.all([nats.pause(), postgres.pause()]);
    const { code, ms } = await stop('SIGTERM');
    await Promise.all([nats.resume(), postgres.resume()]);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(15_000);
  });
});
