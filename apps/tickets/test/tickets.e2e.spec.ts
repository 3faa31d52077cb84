import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { streams } from '@bellhop/contracts/streams';
import { NatsLink, provisionJetStream } from '@bellhop/jetstream';
import { appScript, startApp, startNats, startOidc, startPostgres, untilReady, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openStream, untilTold } from './live-page.js';

const run = promisify(execFile);

let nats: Awaited<ReturnType<typeof startNats>>;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let oidc: Awaited<ReturnType<typeof startOidc>>;
let databaseUrl: string;
let folder: string;

beforeAll(async () => {
  [nats, postgres, oidc] = await Promise.all([startNats({ accounts: true }), startPostgres(), startOidc()]);
  databaseUrl = await postgres.createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'attachments-'));
});

type RunningApp = Awaited<ReturnType<typeof startApp>>;
const running: RunningApp[] = [];

async function started(): Promise<RunningApp> {
  const app = await startApp({ app: 'tickets', env: env() });
  running.push(app);
  return app;
}

afterEach(() => Promise.all(running.splice(0).map((app) => app.stop())));
afterAll(() => Promise.all([nats.stop(), postgres.stop(), oidc.stop(), rm(folder, { recursive: true })]));

const env = () => ({
  NATS_URL: nats.urlFor('tickets'),
  DATABASE_URL: databaseUrl,
  OIDC_ISSUER: oidc.issuer,
  OIDC_AUDIENCE: oidc.audience,
  PUBLIC_URL: 'http://localhost:3000',
  ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
  ATTACHMENTS_FOLDER: folder,
});

async function node(name: 'provision' | 'seed', variables: Record<string, string>): Promise<string> {
  return (await run(process.execPath, [appScript('tickets', name)], { env: { PATH: process.env.PATH, ...variables } }))
    .stdout;
}

const provision = () => node('provision', { NATS_URL: nats.urlFor('provisioner'), DATABASE_URL: databaseUrl });

/** The stream GUESTS belongs to another service, which is not here. */
async function provisionGuests(): Promise<void> {
  const link = new NatsLink({ url: nats.urlFor('provisioner'), name: 'provisioner', log: () => undefined });
  link.start();
  const connection = await link.connected();
  await provisionJetStream(connection, { streams: [streams.GUESTS], consumers: [], replicas: 1, apply: true });
  await link.close();
}

async function readiness({ opsUrl }: RunningApp): Promise<string> {
  return JSON.stringify(await (await fetch(`${opsUrl}/readyz`)).json());
}

async function fileTicket(url: string): Promise<Response> {
  return fetch(`${url}/tickets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await oidc.token('ada@example.com')}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ category: 'other', subject: 'Hello', body: 'Is anybody there?' }),
  });
}

/** Tickets whose events the server has acknowledged, in the order of the stream. */
async function streamed(): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query(
      `select data::jsonb ->> 'subject' as id from outbox where stream = 'TICKETS' order by sequence`,
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

describe('the process of tickets', () => {
  it('reports all missing settings at once, and does not start', async () => {
    const failed = await run(process.execPath, [appScript('tickets', 'main')], {
      env: { PATH: process.env.PATH, NATS_URL: 'nonsense' },
    }).catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1 });
    for (const name of ['NATS_URL', 'DATABASE_URL', 'PUBLIC_URL', 'OIDC_ISSUER', 'OIDC_AUDIENCE']) {
      expect(failed.stderr).toContain(name);
    }
    expect(failed.stderr).not.toContain('nonsense');
  });

  it('waits until it is provisioned, serves then, and shuts down in order', async () => {
    const app = await started();
    await waitFor(async () => (await readiness(app)).includes('npm run provision'), { what: 'the hint' });
    expect((await fileTicket(app.url)).status).toBe(503);
    await provisionGuests();
    expect(await provision()).toContain(streams.TICKETS.name);
    expect(await provision()).toContain('nothing to do');
    await untilReady('tickets', app.opsUrl);
    const { id } = (await (await fileTicket(app.url)).json()) as { id: string };
    await waitFor(async () => (await streamed()).includes(id), { what: 'the event' });
    expect(await app.stop()).toBe(0);
  });

  it('goes on filing while NATS is away; nothing is lost', async () => {
    const app = await started();
    await untilReady('tickets', app.opsUrl);
    await nats.pause();
    await waitFor(async () => (await readiness(app)).includes('nats'), { what: 'the missing NATS to be named' });
    const { id } = (await (await fileTicket(app.url)).json()) as { id: string };
    await nats.resume();
    await waitFor(async () => (await streamed()).includes(id), { timeoutMs: 30_000, what: 'the event' });
    expect(await app.stop()).toBe(0);
  });

  it('is not ready while Postgres is away, and serves again afterwards', async () => {
    const app = await started();
    await untilReady('tickets', app.opsUrl);
    await postgres.pause();
    const refused = await fileTicket(app.url);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'temporarily_unavailable' });
    expect((await fetch(`${app.url}/healthz`)).ok).toBe(true);
    await waitFor(async () => (await readiness(app)).includes('postgres'), { what: 'Postgres to be named' });
    await postgres.resume();
    await waitFor(async () => (await fileTicket(app.url)).status === 201, { what: 'tickets to serve again' });
    expect(await app.stop()).toBe(0);
  });

  it('F4 tells the pages of another process with the rights of `deploy/nats` alone, and stops while streams are open', async () => {
    const [first, second] = await Promise.all([started(), started()]);
    await Promise.all([first, second].map(({ opsUrl }) => untilReady('tickets', opsUrl)));
    const headers = async (email: string) => ({ authorization: `Bearer ${await oidc.token(email)}` });
    const [ada, agent] = [await headers('ada@example.com'), await headers('agent@example.com')];
    const { id } = (await (await fileTicket(first.url)).json()) as { id: string };
    const page = await openStream(`${second.url}/tickets/${id}/stream`, ada);
    const desk = await openStream(`${second.url}/desk/stream`, agent);
    const deaf = get(`${second.url}/desk/stream`, { headers: agent, agent: false });
    deaf.on('response', (response) => response.pause()).on('error', () => undefined);
    await untilTold(page, { version: 1 });
    const startedAt = performance.now();
    await fetch(`${first.url}/desk/tickets/${id}/replies`, {
      method: 'POST',
      headers: { ...agent, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ body: 'Here I am.' }),
    });
    await untilTold(page, { version: 2 });
    await waitFor(() => desk.hints().some(({ tickets = [] }) => tickets.includes(id)));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const stoppedAt = performance.now();
    expect(await second.stop()).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    expect(second.output()).not.toContain('did not stop in time');
    await waitFor(() => page.isEnded && desk.isEnded);
    deaf.destroy();
  });

  it('is seeded once, without events', async () => {
    expect(await node('seed', { DATABASE_URL: databaseUrl })).toContain('7 tickets seeded');
    expect(await node('seed', { DATABASE_URL: databaseUrl })).toContain('0 tickets seeded');
    const app = await started();
    const { id } = await waitFor(
      async () => {
        const answer = await fileTicket(app.url);
        return answer.ok && ((await answer.json()) as { id: string });
      },
      { what: 'a ticket' },
    );
    await waitFor(async () => (await streamed()).includes(id), { what: 'the event' });
    const told = await streamed();
    expect(told.filter((ticketId) => ticketId.startsWith('5eed'))).toEqual([]);
  });
});
