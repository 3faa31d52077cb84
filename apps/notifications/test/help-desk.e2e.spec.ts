import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streams } from '@bellhop/contracts/streams';
import {
  type Mailbox,
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
} from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier, provisionStreams } from './notifier.js';

const QUIET_MS = 1_000;

let postgres: PostgresServer;
let nats: NatsServer;
let mailbox: Mailbox;
let oidc: OidcProvider;
let tickets: RunningApp;
let notifier: Notifier;
let ticketsEnv: Record<string, string>;
let folder: string;

beforeAll(async () => {
  [postgres, nats, mailbox, oidc] = await Promise.all([
    startPostgres(),
    startNats({ accounts: true }),
    startMailbox(),
    startOidc(),
  ]);
  const identity = { OIDC_ISSUER: oidc.issuer, OIDC_AUDIENCE: oidc.audience };
  const [ticketsDatabase, databaseUrl] = [await postgres.createDatabase(), await postgres.createDatabase()];
  folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  ticketsEnv = {
    ...identity,
    DATABASE_URL: ticketsDatabase,
    PUBLIC_URL: 'https://support.example.test',
    ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
    ATTACHMENTS_FOLDER: folder,
  };
  await provisionStreams(nats.urlFor('provisioner'), [streams.GUESTS]);
  await provisionApp('tickets', { ...ticketsEnv, NATS_URL: nats.urlFor('provisioner') });
  tickets = await startTickets();
  notifier = await Notifier.start({ emailUrl: mailbox.smtpUrl, nats, databaseUrl, env: identity });
  await Promise.all([notifier.untilReady(), untilReady('tickets', tickets.opsUrl)]);
});

afterAll(async () => {
  await Promise.all([tickets?.stop(), notifier?.stop()]);
  await Promise.all([postgres?.stop(), nats?.stop(), mailbox?.stop(), oidc?.stop()]);
  await rm(folder, { recursive: true });
});

const startTickets = () => startApp({ app: 'tickets', env: { ...ticketsEnv, NATS_URL: nats.urlFor('tickets') } });
const readiness = async ({ opsUrl }: RunningApp) => {
  const response = await fetch(`${opsUrl}/readyz`);
  return `${response.status} ${await response.text()}`;
};

async function post(email: string, path: string, body: object, to = tickets): Promise<{ id: string; number: string }> {
  const headers = {
    authorization: `Bearer ${await oidc.token(email)}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const response = await fetch(`${to.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer}`);
  return JSON.parse(answer || '{}');
}

const ADA = 'ada@example.com';
const AGENT = 'agent@example.com';
const file = (body = 'The order has been open since noon.') =>
  post(ADA, '/tickets', { category: 'trading', subject: 'Order stuck', body });
/** Ada's mails about one ticket, oldest first. */
const mailsAbout = async (number: string) =>
  (await mailbox.mails()).filter((mail) => mail.to[0]?.address === ADA && mail.subject.includes(number));
const untilMails = (number: string, count: number) =>
  waitFor(async () => {
    const mails = await mailsAbout(number);
    return mails.length >= count && mails;
  });
const afterTheWindow = () => notifier.untilSettled();

describe('a customer and an agent, over HTTP', () => {
  it('filing makes one receipt at once, a reply one more mail after the window', async () => {
    const { id, number } = await file();
    const [receipt] = await untilMails(number, 1);
    expect(receipt?.html).toContain(`https://support.example.test/tickets/${id}`);
    const repliedAt = Date.now();
    await post(AGENT, `/desk/tickets/${id}/replies`, { body: 'We are looking into it.' });
    const mails = await untilMails(number, 2);
    expect(Date.now() - repliedAt).toBeGreaterThanOrEqual(QUIET_MS - 50);
    await afterTheWindow();
    expect(await mailsAbout(number)).toHaveLength(2);
    expect(mails[0]?.headers.references).toBe(mails[1]?.headers.references);
  });

  it('a reply and the resolution within the window are one mail, of the resolution', async () => {
    const { id, number } = await file();
    await untilMails(number, 1);
    await post(AGENT, `/desk/tickets/${id}/replies`, { body: 'Found it.' });
    await post(AGENT, `/desk/tickets/${id}/resolution`, { body: 'It is done.' });
    const [, mail] = await untilMails(number, 2);
    expect(mail?.subject).toMatch(/solved/i);
    await afterTheWindow();
    expect(await mailsAbout(number)).toHaveLength(2);
  });

  it('S21 a note makes no mail, and no word of it or of the conversation is in any mail', async () => {
    const canary = 'canary-81b2';
    const { id, number } = await file(`My question: ${canary}`);
    await untilMails(number, 1);
    const before = (await mailbox.mails()).length;
    await post(AGENT, `/desk/tickets/${id}/notes`, { body: `Looks like fraud ${canary}` });
    await post(AGENT, `/desk/tickets/${id}/replies`, { body: `Here is why: ${canary}` });
    await untilMails(number, 2);
    await afterTheWindow();
    expect(JSON.stringify(await mailbox.mails())).not.toContain(canary);
    expect((await mailsAbout(number)).length).toBe(2);
    expect((await mailbox.mails()).length).toBeGreaterThan(before);
    expect(JSON.stringify(await notifier.database.query('select * from deliveries'))).not.toContain(canary);
  });

  it('the agent who has the ticket is notified that the customer answered', async () => {
    const { id, number } = await file();
    await post('lead@example.com', `/desk/tickets/${id}/notes`, { body: 'first sign-in' });
    await post(AGENT, `/desk/tickets/${id}/assignment`, { agent: 'lead@example.com' });
    await post(ADA, `/tickets/${id}/messages`, { body: 'Any news?' });
    const mail = await waitFor(async () =>
      (await mailbox.mails()).find(
        ({ to, subject }) => to[0]?.address === 'lead@example.com' && subject.includes(number),
      ),
    );
    expect(mail.html).toContain(`https://support.example.test/desk/tickets/${id}`);
  });
});

describe('one app without the other, and both without their servers', () => {
  it('tickets works while notifications is down, and its mails come later', async () => {
    await notifier.stopReplicas();
    await untilReady('tickets', tickets.opsUrl);
    const { number } = await file();
    await notifier.addReplica();
    await untilMails(number, 1);
  });

  it('notifications starts, becomes ready and delivers while tickets is down', async () => {
    await tickets.stop();
    await notifier.stopReplicas();
    await notifier.addReplica();
    await notifier.untilReady();
    const { buildEvent } = await import('@bellhop/contracts/testing');
    const event = buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: 'alone', email: ADA },
      ticket: { number: 'ALONE' },
    });
    await notifier.publish([event]);
    await untilMails('ALONE', 1);
    tickets = await startTickets();
    await untilReady('tickets', tickets.opsUrl);
  });

  it('each says what is missing while NATS is down, and tickets continues to accept tickets', async () => {
    await nats.pause();
    for (const app of [tickets, notifier.app]) {
      await waitFor(async () => /^503 .*NATS/.test(await readiness(app)), { what: 'readyz to name NATS' });
    }
    const { number } = await file();
    await nats.resume();
    await untilMails(number, 1);
    await Promise.all([untilReady('tickets', tickets.opsUrl), notifier.untilReady()]);
  });

  it('each says what is missing while Postgres is down, answers, and recovers', async () => {
    await postgres.pause();
    for (const app of [tickets, notifier.app]) {
      await waitFor(async () => /^503 .*Postgres/.test(await readiness(app)), { what: 'readyz to name Postgres' });
      expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    }
    await expect(file()).rejects.toThrow(/503/);
    await postgres.resume();
    await Promise.all([untilReady('tickets', tickets.opsUrl), notifier.untilReady()]);
    const { number } = await file();
    await untilMails(number, 1);
  });
});
