import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type AppName,
  appScript,
  type Mailbox,
  type NatsServer,
  type OidcProvider,
  type PostgresServer,
  type RunningApp,
  startApp,
  startMailbox,
  startNats,
  startOidc,
  startPostgres,
  waitFor,
} from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const APPS = ['tickets', 'notifications', 'guest-auth'] as const satisfies AppName[];

let postgres: PostgresServer;
let nats: NatsServer;
let mailbox: Mailbox;
let oidc: OidcProvider;
const databases = new Map<AppName, string>();
const apps = new Map<AppName, RunningApp>();
const folder = mkdtempSync(join(tmpdir(), 'bellhop-guest-'));

beforeAll(async () => {
  [postgres, nats, mailbox, oidc] = await Promise.all([
    startPostgres(),
    startNats({ accounts: true }),
    startMailbox(),
    startOidc(),
  ]);
  for (const app of APPS) databases.set(app, await postgres.createDatabase());
  await Promise.all(APPS.map(provision));
  await Promise.all(APPS.map(start));
}, 120_000);

afterAll(async () => {
  await Promise.all([...apps.values()].map((app) => app.stop()));
  await Promise.all([nats?.stop(), postgres?.stop(), mailbox?.stop(), oidc?.stop()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const env = (app: AppName): Record<string, string> => ({
  NATS_URL: nats.urlFor(app),
  DATABASE_URL: databases.get(app) as string,
  PUBLIC_URL: 'http://localhost:3000',
  OIDC_ISSUER: oidc.issuer,
  OIDC_AUDIENCE: oidc.audience,
  EMAIL_URL: mailbox.smtpUrl,
  EMAIL_FROM: 'Example Support <support@example.test>',
  PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
  GUEST_AUTH_KEY: Buffer.alloc(32, 8).toString('base64'),
  ALERT_QUIET_SECONDS: '0',
  ATTACHMENTS_FOLDER: folder,
});

async function provision(app: AppName): Promise<void> {
  const settings = { PATH: process.env.PATH ?? '', ...env(app), NATS_URL: nats.urlFor('provisioner') };
  await promisify(execFile)(process.execPath, [appScript(app, 'provision')], { env: settings });
}

async function start(app: AppName): Promise<void> {
  const running = await startApp({ app, env: env(app) });
  apps.set(app, running);
  await waitFor(async () => (await fetch(`${running.url}/readyz`)).ok, {
    timeoutMs: 60_000,
    what: `${app} to be ready`,
  });
}

/** A browser that keeps its cookies. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async send(app: AppName, method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
    const response = await fetch(apps.get(app)?.url + path, {
      method,
      headers: {
        'idempotency-key': randomUUID(),
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}

const filing = (email: string) => ({
  ...{ category: 'trading', subject: 'Order stuck', body: 'Order 123 has been open since 9:15.' },
  guest: { email, locale: 'en' },
});
const agent = async (method: string, path: string, body?: unknown) =>
  new Browser().send('tickets', method, path, body, {
    authorization: `Bearer ${await oidc.token('agent@example.com')}`,
  });
const codesTo = async (email: string) =>
  (await mailbox.mails())
    .filter(({ to }) => to.some(({ address }) => address === email))
    .flatMap(({ text }) => /#(\d{6})$/m.exec(text ?? '')?.[1] ?? []);

async function filedAndProven(guest: Browser, email: string): Promise<string> {
  const { status, body } = await guest.send('tickets', 'POST', '/tickets', filing(email));
  expect(status).toBe(201);
  const code = await waitFor(async () => (await codesTo(email)).at(-1), { what: 'the code' });
  const verification = `/guest/challenges/${body.challengeId}/verification`;
  expect((await guest.send('guest-auth', 'POST', verification, { code })).status).toBe(200);
  return body.id;
}

describe('a guest', () => {
  it('files, proves the address, and goes on in the conversation with an agent', async () => {
    const guest = new Browser();
    const id = await filedAndProven(guest, 'jana@example.com');
    // Whether the event or this session is first, the ticket is there for both.
    expect((await guest.send('tickets', 'GET', `/tickets/${id}`)).body.ticket.status).toBe('open');
    const shown = await agent('GET', `/desk/tickets/${id}`);
    expect(shown.body.ticket.requester).toEqual({ kind: 'guest', email: 'jana@example.com', locale: 'en' });
    expect((await agent('POST', `/desk/tickets/${id}/replies`, { body: 'Which account?' })).status).toBe(201);
    expect((await guest.send('tickets', 'POST', `/tickets/${id}/messages`, { body: 'The second.' })).status).toBe(201);
    expect((await guest.send('tickets', 'PUT', `/tickets/${id}/seen`)).status).toBe(204);
    expect((await guest.send('tickets', 'GET', `/tickets/${id}`)).body.messages).toHaveLength(3);
    expect((await new Browser().send('tickets', 'GET', `/tickets/${id}`)).status).toBe(401);
    expect((await guest.send('tickets', 'POST', `/tickets/${id}/closing`)).status).toBe(401);
  }, 60_000);

  it('whose code is right but who closes the page is seen by agents all the same: the event is durable', async () => {
    const id = await filedAndProven(new Browser(), 'lukas@example.com');
    await waitFor(async () => (await agent('GET', `/desk/tickets/${id}`)).status === 200, { what: 'the ticket' });
  }, 60_000);
});

describe('while guest-auth is away', () => {
  it('nobody files as a guest, nothing is left of the try, and the same key files it afterwards; who is there goes on', async () => {
    const guest = new Browser();
    const id = await filedAndProven(guest, 'rosa@example.com');
    expect((await guest.send('tickets', 'GET', `/tickets/${id}`)).status).toBe(200);
    await apps.get('guest-auth')?.stop();
    const [late, key] = [new Browser(), { 'idempotency-key': randomUUID() }];
    const refused = await late.send('tickets', 'POST', '/tickets', filing('late@example.com'), key);
    expect(refused).toMatchObject({ status: 503, body: { code: 'codes_unavailable' } });
    expect((await guest.send('tickets', 'POST', `/tickets/${id}/messages`, { body: 'Still here' })).status).toBe(201);
    expect((await agent('GET', `/desk/tickets/${id}`)).status).toBe(200);
    await start('guest-auth');
    const filed = await late.send('tickets', 'POST', '/tickets', filing('late@example.com'), key);
    expect(filed.status).toBe(201);
    await waitFor(async () => (await codesTo('late@example.com')).length === 1, { what: 'the one code' });
  }, 60_000);
});
