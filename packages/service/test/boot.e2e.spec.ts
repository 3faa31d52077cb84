import { NatsLink } from '@bellhop/jetstream';
import { type NatsServer, type PostgresServer, startNats, startPostgres, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { undoAfterEach } from './after-each.js';
import { buildFixture, type FixtureApp, provisionFixture, runFixture, startFixture } from './fixture-app.js';
import { missing } from './test-service.js';

const undo = undoAfterEach();
let nats: NatsServer;
let postgres: PostgresServer;
let databaseUrl: string;
beforeAll(async () => {
  buildFixture();
  [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  databaseUrl = await postgres.createDatabase();
});
afterAll(async () => {
  await nats.stop();
  await postgres.stop();
});

async function withFixture(env: Record<string, string>, test: (app: FixtureApp) => Promise<void>): Promise<void> {
  const app = await startFixture(env);
  try {
    await test(app);
  } finally {
    app.child.kill('SIGTERM');
    await app.exited;
  }
}

const status = async (url: string, method = 'GET') => (await fetch(url, { method })).status;
const until = (app: FixtureApp, what: string, names: string[]) =>
  waitFor(async () => (await missing(app.opsUrl)).join() === names.join(), { what });

/** How large the stream of the events may be; −1: as large as it likes. */
async function limitTickets(maxBytes: number): Promise<void> {
  const link = new NatsLink({ url: nats.url, name: 'admin', log: () => undefined });
  link.start();
  const connection = await link.connected();
  const ask = async (verb: string, body: object = {}) =>
    (await connection.request(`$JS.API.STREAM.${verb}.TICKETS`, JSON.stringify(body))).json<{ config: object }>();
  const { config } = await ask('INFO');
  await ask('UPDATE', { ...config, max_bytes: maxBytes });
  await link.close();
}

describe('a start that cannot succeed', () => {
  it('says everything that is wrong with the settings, shows no secret, and exits with 1', async () => {
    const { code, output } = await runFixture({
      DATABASE_URL: 'postgres://u:hunter2@localhost',
      PORT: '99999',
      HOST: '',
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^Cannot start: 6 settings are missing or unusable/m);
    const [line] = output.split('\n').filter((one) => one.startsWith('{'));
    const said = { level: 'error', service: 'notifications', message: 'cannot start', code: expect.any(String) };
    expect(JSON.parse(line as string)).toMatchObject({ ...said, reason: expect.stringContaining('  - NATS_URL ') });
    for (const name of ['NATS_URL', 'DATABASE_URL', 'PUBLIC_URL', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'PORT']) {
      expect(output).toContain(`  - ${name} `);
    }
    expect(output).not.toMatch(/hunter2|99999|\.js:\d/);
  });

  it.each(['PORT', 'OPS_PORT'])('says that the port of %s is taken', async (setting) => {
    await withFixture({ NATS_URL: nats.url, DATABASE_URL: databaseUrl }, async ({ url }) => {
      const port = new URL(url).port;
      const { code, output } = await runFixture({
        NATS_URL: nats.url,
        DATABASE_URL: databaseUrl,
        PUBLIC_URL: url,
        OIDC_ISSUER: url,
        OIDC_AUDIENCE: 'x',
        HOST: '127.0.0.1',
        [setting]: port,
      });
      expect(code).toBe(1);
      expect(output).toContain(`port ${port} on 127.0.0.1 is taken`);
      expect(output).toContain(`set ${setting} to another one`);
      expect(output).not.toMatch(/\.js:\d/);
    });
  });

  it('says that both ports are the same', async () => {
    const env = { NATS_URL: nats.url, DATABASE_URL: databaseUrl, PUBLIC_URL: 'http://localhost', OIDC_AUDIENCE: 'x' };
    const ports = { PORT: '3999', OPS_PORT: '3999' };
    const { code, output } = await runFixture({ ...env, OIDC_ISSUER: 'http://127.0.0.1:1', ...ports });
    expect(code).toBe(1);
    expect(output).toContain('PORT and OPS_PORT are both 3999');
  });
});

describe('a start without anything', () => {
  it('is alive at once, says what is missing, and becomes ready as Postgres, the migrations and NATS come', async () => {
    const late = await startPostgres();
    undo(() => late.stop());
    const lateNats = await startNats();
    undo(() => lateNats.stop());
    const url = await late.createDatabase();
    await late.pause();
    await lateNats.pause();
    await withFixture({ NATS_URL: lateNats.url, DATABASE_URL: url }, async (app) => {
      expect(await status(`${app.url}/readyz`)).toBe(503);
      await until(app, 'all to be missing', ['postgres', 'nats', 'outbox']);
      expect(await (await fetch(`${app.opsUrl}/readyz`)).json()).toMatchObject({
        degraded: [{ name: 'stream_TICKETS' }],
      });
      expect(await status(`${app.url}/things`)).toBe(503);
      await late.resume();
      await waitFor(async () => /lacks 6 migration/.test(await (await fetch(`${app.opsUrl}/readyz`)).text()), {
        what: 'the migrations to be missing',
      });
      expect(await status(`${app.url}/things`)).toBe(503);
      await lateNats.resume();
      await provisionFixture(lateNats.url, url);
      await until(app, 'the service to be ready', []);
      expect(await status(`${app.url}/readyz`)).toBe(200);
      expect(await status(`${app.url}/things`)).toBe(200);
    });
  });
});

describe('a running service', () => {
  let app: FixtureApp;
  beforeAll(async () => {
    await provisionFixture(nats.url, databaseUrl);
    app = await startFixture({ NATS_URL: nats.url, DATABASE_URL: databaseUrl, LOG_LEVEL: 'debug' });
    await until(app, 'the service to be ready', []);
  });
  afterAll(async () => {
    app?.child.kill('SIGTERM');
    await app?.exited;
  });

  it('answers 503 with a problem and Retry-After while Postgres is away, and goes on by itself', async () => {
    await postgres.pause();
    const refused = await fetch(`${app.url}/things`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'temporarily_unavailable' });
    await waitFor(async () => (await missing(app.opsUrl)).includes('postgres'), { what: 'Postgres to be missing' });
    expect(await status(`${app.url}/healthz`)).toBe(200);
    await postgres.resume();
    await until(app, 'the service to be ready again', []);
    expect(await status(`${app.url}/things`)).toBe(200);
  });

  it('says that NATS is away, stays useful over HTTP, and goes on by itself', async () => {
    await nats.pause();
    await waitFor(async () => (await missing(app.opsUrl)).includes('nats'), { what: 'NATS to be missing' });
    expect(await status(`${app.url}/things`)).toBe(200);
    await nats.resume();
    await until(app, 'the service to be ready again', []);
  });

  it('says on every replica that NATS takes no events, stays useful over HTTP, and goes on by itself', async () => {
    await withFixture({ NATS_URL: nats.url, DATABASE_URL: databaseUrl }, async (second) => {
      await until(second, 'the second replica to be ready', []);
      await limitTickets(1);
      expect(await status(`${app.url}/events?ms=0`, 'POST')).toBe(201);
      for (const replica of [app, second]) {
        await until(replica, 'the outbox to be missing', ['outbox']);
        expect(await status(`${replica.url}/readyz`)).toBe(503);
        expect(await status(`${replica.url}/things`)).toBe(200);
      }
      await limitTickets(-1);
      for (const replica of [app, second]) await until(replica, 'the service to be ready again', []);
    });
  });

  it('tells its measurements, by route pattern', async () => {
    await fetch(`${app.url}/links/metrics-secret-token`);
    const text = await (await fetch(`${app.opsUrl}/metrics`)).text();
    expect(text).toMatch(/bellhop_http_request_duration_seconds_count\{.*route="\/links\/:token".*\} 1/);
    expect(text).toMatch(/bellhop_outbox_unpublished\{service="notifications"\} 0/);
    expect(text).toMatch(/bellhop_events_in_flight\{service="notifications"\} 0/);
    expect(text).toMatch(/process_cpu_seconds_total/);
    expect(text).not.toContain('metrics-secret-token');
  });

  it('S5 writes one line per request, and no token of a link, of a person or of a query into any line', async () => {
    const secret = 'S3cretLinkT0kenThatMustNotBeLogged';
    await fetch(`${app.url}/links/${secret}?code=${secret}`, { headers: { authorization: `Bearer ${secret}` } });
    await fetch(`${app.url}/nowhere/${secret}`);
    await fetch(`${app.url}/links/${secret}/deeper`, { method: 'POST', headers: { cookie: `a=${secret}` } });
    await fetch(`${app.url}/me?x=${secret}`, { headers: { authorization: `Bearer ${secret}` } });
    await waitFor(() => app.lines().some(({ route }) => route === '/me'), { what: 'the last line' });
    expect(app.lines()).toContainEqual(
      expect.objectContaining({
        message: 'request',
        method: 'GET',
        route: '/links/:token',
        status: 200,
        ms: expect.any(Number),
      }),
    );
    expect(app.output()).not.toContain(secret);
  });
});
