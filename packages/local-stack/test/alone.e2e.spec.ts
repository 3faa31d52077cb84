import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@bellhop/contracts/streams';
import { buildEvent } from '@bellhop/contracts/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { type TemporaryFolder, temporaryFolder } from '../src/folders.js';
import {
  type Mailbox,
  type MaildevMail,
  type NatsServer,
  type OidcProvider,
  type PostgresServer,
  provisionApp,
  type RunningApp,
  startApp,
  startMailbox,
  startNats,
  startOidc,
  startPostgres,
  untilReady,
  waitFor,
} from '../src/index.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const NAMES = ['tickets', 'notifications', 'guest-auth'] as const satisfies ServiceName[];
type AppName = (typeof NAMES)[number];

let folder: TemporaryFolder;
let postgres: PostgresServer;
let mailbox: Mailbox;
let oidc: OidcProvider;
let trees: Record<AppName, string>;
let nats: NatsServer;
let apps: Partial<Record<AppName, RunningApp>>;

beforeAll(async () => {
  folder = temporaryFolder('alone');
  [postgres, mailbox, oidc] = await Promise.all([startPostgres(), startMailbox(), startOidc()]);
  trees = Object.fromEntries(NAMES.map((app) => [app, treeOf(app)])) as typeof trees;
});
afterEach(async () => {
  await Promise.all(Object.values(apps).map((app) => app.stop()));
  await nats.stop();
});
afterAll(async () => {
  await Promise.all([postgres?.stop(), mailbox?.stop(), oidc?.stop()]);
  folder.remove();
});

/** What the image of one app holds, and nothing else that it could import from. */
function treeOf(app: AppName): string {
  const tree = join(folder.path, app);
  cpSync(join(REPOSITORY, 'apps', app, 'bundle'), join(tree, 'apps', app, 'bundle'), { recursive: true });
  return tree;
}

/** From its own tree, with a database of its own, by its own provisioning. Those that run already go on. */
async function add(app: AppName): Promise<void> {
  const env = {
    NATS_URL: nats.urlFor(app),
    DATABASE_URL: await postgres.createDatabase(),
    PUBLIC_URL: 'https://support.example.test',
    OIDC_ISSUER: oidc.issuer,
    OIDC_AUDIENCE: oidc.audience,
    EMAIL_URL: mailbox.smtpUrl,
    EMAIL_FROM: 'Example Support <support@example.test>',
    PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
    GUEST_AUTH_KEY: Buffer.alloc(32, 8).toString('base64'),
    ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
    ALERT_QUIET_SECONDS: '0',
    INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
    TRUSTED_PROXIES: '127.0.0.1',
    ATTACHMENTS_FOLDER: `${folder.path}/${randomUUID()}`,
  };
  await provisionApp(app, { ...env, NATS_URL: nats.urlFor('provisioner') }, trees[app]);
  apps[app] = await startApp({ app, env, repository: trees[app] });
  await untilReady(app, apps[app].opsUrl);
}

async function ask(app: AppName, path: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${apps[app]?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
    body: JSON.stringify(body),
  });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]);
  const text = await answer.text();
  return { status: answer.status, cookie: cookie.join('; '), body: text ? JSON.parse(text) : null };
}

const as = async (email: string) => ({ authorization: `Bearer ${await oidc.token(email)}` });

function mailTo(email: string, isWanted: (mail: MaildevMail) => boolean = () => true): Promise<MaildevMail> {
  const find = async () =>
    (await mailbox.mails()).find((mail) => mail.to.some(({ address }) => address === email) && isWanted(mail));
  return waitFor(find, { timeoutMs: 30_000, what: `a mail to ${email}` });
}

async function degraded(app: AppName): Promise<string[]> {
  const answer = await fetch(`${apps[app]?.opsUrl}/readyz`);
  const { degraded: parts } = (await answer.json()) as { degraded: { name: string }[] };
  return parts.map(({ name }) => name);
}

const form = { category: 'trading', subject: 'An order is missing', body: 'I cannot see it.' };

/** What each does for somebody while nobody else is there. */
const USEFUL: Record<AppName, () => Promise<void>> = {
  async tickets() {
    expect((await ask('tickets', '/tickets', form, await as('ada@example.com'))).status).toBe(201);
  },
  async notifications() {
    const email = `${randomUUID()}@example.net`;
    const { username, password } = new URL(nats.urlFor('crm'));
    const crm = await connect({ servers: nats.url, user: username, pass: password });
    const event = buildEvent('ticket.resolved.v1', {
      ticket: { url: 'https://crm.example.com/t/1' },
      requester: { kind: 'guest', email },
    });
    await crm.request('inbound.crm.tickets.v1.resolved', JSON.stringify(event), { timeout: 5_000 });
    await crm.close();
    await mailTo(email);
  },
  async 'guest-auth'() {
    const { status } = await ask('guest-auth', '/guest/links', { number: 'ABC234', email: 'who@example.net' });
    expect(status).toBe(202);
  },
};

/** The way through all three: a guest files, proves the mailbox, and hears of the answer. */
async function guestIsServed(): Promise<void> {
  const email = `${randomUUID()}@example.net`;
  // Questions between services find whoever came last within moments.
  const filed = await waitFor(
    async () => {
      const answer = await ask('tickets', '/tickets', { ...form, guest: { email, locale: 'en' } });
      return answer.status === 201 ? answer : undefined;
    },
    { what: 'the form of a guest to be taken' },
  );
  const code = /^@\S+ #(\d{6})$/m.exec((await mailTo(email)).text ?? '')?.[1];
  const path = `/guest/challenges/${filed.body.challengeId}/verification`;
  const proven = await ask('guest-auth', path, { code }, { cookie: filed.cookie });
  expect(proven.status).toBe(200);
  const agent = await as('agent@example.com');
  await waitFor(
    async () => {
      const reply = await ask('tickets', `/desk/tickets/${filed.body.id}/replies`, { body: 'We look.' }, agent);
      return reply.status === 201;
    },
    { what: 'the ticket to be open' },
  );
  await mailTo(email, ({ text }) => /\/t\/[A-Za-z0-9_-]{43}/.test(text ?? ''));
}

describe('a service alone, on an empty NATS and an empty database', () => {
  it.each([
    [['notifications', 'tickets', 'guest-auth'], ['stream_TICKETS']],
    [['tickets', 'guest-auth', 'notifications'], ['stream_GUESTS']],
    [['guest-auth', 'notifications', 'tickets'], ['stream_TICKETS']],
  ] as [AppName[], string[]][])(
    'is ready and useful, and takes up the others without a restart: %s',
    async (order, missing) => {
      nats = await startNats({ accounts: true });
      apps = {};
      const [first, ...others] = order as [AppName, ...AppName[]];
      await add(first);
      expect(await degraded(first)).toEqual(missing);
      await USEFUL[first]();
      for (const app of others) await add(app);
      for (const app of order)
        await waitFor(async () => (await degraded(app)).length === 0, { what: `${app} to lack nothing` });
      for (const app of order) await USEFUL[app]();
      await guestIsServed();
    },
  );
});
