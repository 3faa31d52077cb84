import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PORTAL, SERVICES } from '@bellhop/contracts/streams';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../src/browser.js';
import { type TemporaryFolder, temporaryFolder } from '../src/folders.js';
import { describeProcess } from '../src/processes/describe-process.js';
import type { MaildevMail } from '../src/servers/mailbox.js';
import { addressKey } from '../src/up/data-folder.js';
import { type Addresses, type AppKey, type Run, startUp } from '../src/up/run-up.js';
import { waitFor } from '../src/wait-for.js';
import { childrenOf, processesOf, reaperOf } from './process-tree.js';
import { fromRoot, printed, publish, subscribeAndTry } from './run-examples.js';
import { hold, isRefused, mailsOf, ticketsStatus, tokenOf, urlsOf } from './up-asked.js';

const MINUTE_MS = 60_000;
/** Some of the defaults, which we hold for as long as this runs: `up` has to get by with others. */
const TAKEN_PORTS = [3001, 4222, 5433, 3005, 1080];

// Each test goes on where the one before left off: to start everything takes seconds.
describe('npm run up', () => {
  let folder: TemporaryFolder;
  let holders: Server[];
  let first: Addresses;
  let running: Run;
  let token: string;

  beforeAll(async () => {
    folder = temporaryFolder('up');
    // Under root, Postgres runs as another user, who has to get to its data in here.
    chmodSync(folder.path, 0o711);
    holders = await Promise.all(TAKEN_PORTS.map(hold));
    running = startUp(folder.path);
    first = await running.addresses();
  });

  afterAll(async () => {
    running.child.kill('SIGKILL');
    await waitFor(() => processesOf(folder.path).length === 0, { what: 'everything to end' });
    for (const holder of holders) holder.close();
    folder.remove();
  });

  it('says that it is up and where everything is, beside whoever has its ports', async () => {
    expect(running.output()).toMatch(/^Bellhop is up/m);
    const apps = [PORTAL.name, ...SERVICES].map(addressKey) as AppKey[];
    expect(Object.keys(first)).toEqual([...apps, 'mailbox', 'smtp', 'push', 'nats', 'postgres', 'oidc', 'ops']);
    expect(Object.keys(first.ops)).toEqual(apps);
    const ports = urlsOf(first).map((url) => Number(new URL(url).port));
    expect(new Set([...ports, ...TAKEN_PORTS]).size).toBe(ports.length + TAKEN_PORTS.length);
    for (const key of apps) {
      const [outer, inner] = [first[key], first.ops[key]];
      expect(await (await fetch(`${outer}/readyz`)).json()).toEqual({ ready: true });
      expect(await (await fetch(`${outer}/metrics`)).text()).not.toContain('process_cpu_seconds_total');
      expect(await (await fetch(`${inner}/readyz`)).json()).toEqual({
        ready: true,
        missing: [],
        degraded: [],
        off: [],
      });
      expect(await (await fetch(`${inner}/metrics`)).text()).toContain('process_cpu_seconds_total');
    }
    expect((await fetch(`${first.mailbox}/email`)).status).toBe(200);
    expect(await (await fetch(first.push)).text()).toContain('Nothing has been pushed yet.');
    expect((await fetch(`${first.oidc}/.well-known/openid-configuration`)).status).toBe(200);
  });

  it('signs somebody in at the portal, who opens the feed, files a ticket there, and signs out', async () => {
    const browser = new Browser();
    const { portal } = first;
    expect((await browser.signIn(portal, 'jan', '/tickets')).url).toBe(`${portal}/tickets`);
    const session = await (await browser.ask(`${portal}/auth/session`)).json();
    expect(session).toMatchObject({ person: { id: 'jan', email: 'jan@example.com', locale: 'pl' } });

    const feed = await browser.ask(`${portal}/api/notifications/feed/stream`);
    expect(feed.headers.get('content-type')).toContain('text/event-stream');
    const reader = (feed.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('retry:');

    const headers = { origin: portal, 'content-type': 'application/json', 'idempotency-key': 'from-the-portal' };
    const body = JSON.stringify({ category: 'trading', subject: 'By the portal', body: 'Order 4712 is open.' });
    const filed = await browser.ask(`${portal}/api/tickets`, { method: 'POST', headers, body });
    expect(filed.status).toBe(201);
    const listed = (await (await browser.ask(`${portal}/api/tickets`)).json()) as { items: { subject: string }[] };
    expect(listed.items.map(({ subject }) => subject)).toContain('By the portal');
    expect((await browser.ask(`${portal}/api/desk/tickets`)).status).toBe(404);
    await reader.cancel();

    const out = await browser.ask(`${portal}/auth/sign-out`, { method: 'POST', headers: { origin: portal } });
    expect(((await out.json()) as { redirect: string }).redirect).toContain(first.oidc);
    expect((await browser.ask(`${portal}/api/tickets`)).status).toBe(401);
  });

  it.each(['the first time', 'again, with the mails of the first time still there'])(
    'brings a guest in by examples/guest/guest.sh: two codes, two browsers, one conversation, %s',
    async () => {
      const env = { PATH: process.env.PATH ?? '', BELLHOP: join(folder.path, 'up.json') };
      // It takes longer than a server keeps an idle connection, of whose end a process that is blocked hears too late.
      const script = [fromRoot('examples/guest/guest.sh'), 'guest@example.com'];
      const { stdout: said } = await promisify(execFile)('bash', script, { env });
      expect(said.split('\n').slice(-4, -1)).toEqual([
        '   customer: I bought one yesterday, and it is not in my list.',
        '   customer: This is what I see. [screen.png] [order.pdf]',
        '   agent: We found it: please look again.',
      ]);
    },
  );

  it('makes exactly one Polish mail appear within 5 s of examples/publish/publish.sh', async () => {
    const before = await mailsOf(first);
    publish(first.nats);
    const appeared = async () => (await mailsOf(first)).slice(before.length);
    const isThere = async () => (await appeared()).length > 0 && appeared();
    const mails = await waitFor(isThere, { timeoutMs: 5_000, what: 'the mail' });
    const headers = { 'content-language': 'pl', 'auto-submitted': 'auto-generated' };
    expect(mails).toEqual([
      expect.objectContaining({
        subject: expect.stringContaining('7K4M2Q'),
        headers: expect.objectContaining(headers),
      }),
    ]);
    const [mail] = mails as [MaildevMail];
    expect(mail.to).toEqual([expect.objectContaining({ address: 'jana@example.com' })]);
    expect(mail.html).toContain('https://crm.example.com/t/7K4M2Q');
    expect(mail.headers.references).toMatch(/^<ticket\.[0-9a-f]{32}@bellhop\.example>$/);
    // A second one for the same event would be due before that of a later event.
    publish(first.nats, 'later@example.com', 'LATER1');
    const isLaterThere = async () => (await appeared()).some(({ subject }) => subject.includes('LATER1'));
    await waitFor(isLaterThere, { what: 'the mail of a later event' });
    expect(await appeared()).toHaveLength(2);
  });

  it('lets examples/push/push.mjs print what a browser gets within 11 s of a reply', async () => {
    const said = await subscribeAndTry(folder.path);
    const [, number] = /has filed ticket (\S+),/.exec(said) ?? [];
    expect(number).toBeDefined();
    const title = `Your support ticket ${number} has a new reply`;
    const { notification } = JSON.parse(printed(said, 'text'));
    expect(notification).toMatchObject({ title, lang: 'en', navigate: printed(said, 'link') });
    expect(printed(said, 'title')).toBe(title);
    expect(printed(said, 'topic')).toBe(notification.tag);
    expect(printed(said, 'urgency')).toBe('normal');
    expect(printed(said, 'link')).toMatch(/^http:\/\/localhost:\d+\/tickets\/[0-9a-f-]{36}$/);
    // A day, less what it has waited.
    expect(printed(said, 'TTL')).toMatch(/^863\d\d s$/);
    const [, seconds] = /^([\d.]+) s after the reply$/.exec(printed(said, 'came')) ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(10);
    expect(Number(seconds)).toBeLessThanOrEqual(11);
    expect(said).toMatch(/^Signed out: /m);
    const headers = { authorization: `Bearer ${await tokenOf(first.oidc)}` };
    const devices = await fetch(`${first.notifications}/notifications/push-subscriptions`, { headers });
    expect(await devices.json()).toEqual({ items: [] });
  });

  it('starts an app again that ended, and tells its last lines', async () => {
    const pid = Number(readFileSync(join(folder.path, 'up.pid'), 'utf8'));
    expect(pid).toBe(running.child.pid);
    const app = () =>
      childrenOf(pid).find((child) => describeProcess(child)?.includes('apps/tickets/bundle/dist/main.js'));
    const before = app() as number;
    process.kill(before, 'SIGKILL');
    await waitFor(() => running.output().includes('tickets was killed; it is started again'));
    await waitFor(async () => app() !== before && (await fetch(`${first.tickets}/readyz`)).ok, {
      timeoutMs: MINUTE_MS / 2,
    });
  });

  it('tells a second one on the same data where the first one is', async () => {
    const second = startUp(folder.path);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`Bellhop is running already (process ${running.child.pid})`);
    expect((await fetch(`${first.tickets}/healthz`)).status).toBe(200);
  });

  it('SIGTERM stops everything within seconds, the apps before what they need, and leaves no process', async () => {
    token = await tokenOf(first.oidc);
    const pids = [running.child.pid as number, ...childrenOf(running.child.pid as number)];
    expect(pids.length).toBeGreaterThan(6);
    const askedAt = Date.now();
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    await waitFor(() => pids.every((pid) => describeProcess(pid) === undefined), { what: 'every process to end' });
    expect(processesOf(folder.path)).toEqual([]);
    for (const url of urlsOf(first)) expect(await isRefused(url)).toBe(true);
    expect(existsSync(join(folder.path, 'up.json'))).toBe(false);

    const serverStoppedAt = natsStoppedAt(logOf('nats'));
    for (const name of SERVICES) {
      const last = JSON.parse(logOf(name).trimEnd().split('\n').at(-1) as string);
      expect(last).toMatchObject({ message: 'stopped' });
      expect(Date.parse(last.time)).toBeLessThanOrEqual(serverStoppedAt);
    }
  });

  it('comes back soon, with its data, passwords and keys', async () => {
    const startedAt = Date.now();
    running = startUp(folder.path);
    const again = await running.addresses();
    // Eight seconds on a machine of its own; here others have most of it.
    expect(Date.now() - startedAt).toBeLessThan(50_000);
    expect(again).toEqual(first);
    expect(await ticketsStatus(again, token)).toBe(200);
    expect((await mailsOf(again)).some(({ subject }) => subject.includes('7K4M2Q'))).toBe(true);
  });

  it('starts empty with --fresh, after a Ctrl-C', async () => {
    running.child.kill('SIGINT');
    expect(await running.exited).toBe(0);
    expect(processesOf(folder.path)).toEqual([]);

    running = startUp(folder.path, { args: ['--fresh'] });
    const fresh = await running.addresses();
    expect(fresh.nats).not.toBe(first.nats);
    expect(await ticketsStatus(fresh, token)).toBe(401);
    expect(await ticketsStatus(fresh, await tokenOf(fresh.oidc))).toBe(200);
    expect((await mailsOf(fresh)).filter(({ subject }) => subject.includes('7K4M2Q'))).toEqual([]);
  });

  it('ends what was left behind when it was killed with all that cleans up, and says what has moved', async () => {
    const before = await running.addresses();
    const pid = running.child.pid as number;
    const left = childrenOf(pid).filter((child) => child !== reaperOf(pid));
    process.kill(reaperOf(pid), 'SIGKILL');
    running.child.kill('SIGKILL');
    await running.exited;
    expect(left.map(describeProcess)).not.toContain(undefined);

    // One of the ports is somebody else's meanwhile.
    const smtp = Number(new URL(before.smtp).port);
    process.kill(left.find((child) => describeProcess(child)?.includes('maildev')) as number, 'SIGKILL');
    await waitFor(() => isRefused(before.smtp), { what: 'the mailbox to be gone' });
    holders.push(await hold(smtp));
    running = startUp(folder.path);
    const after = await running.addresses();
    expect(left.map(describeProcess)).toEqual(left.map(() => undefined));
    expect(running.output()).toContain(`Ended ${left.length - 1} processes that an earlier run had left running.`);
    expect({ ...after, smtp: before.smtp }).toEqual(before);
    const moved = `SMTP ${smtp} -> ${new URL(after.smtp).port}.`;
    expect(running.output()).toContain(`Ports have moved since the last run: ${moved}`);
  });

  it('starts again on other ports when somebody takes one after it was chosen', async () => {
    const before = await running.addresses();
    running.child.kill('SIGTERM');
    await running.exited;
    running = startUp(folder.path);
    await waitFor(() => running.output().includes('Provisioning guest-auth.'), { timeoutMs: MINUTE_MS });
    const taken = Number(new URL(before.guestAuth).port);
    holders.push(await hold(taken));
    const after = await running.addresses();
    expect(running.output()).toContain('Somebody has taken one of the ports meanwhile.');
    expect(running.output()).toContain(`guest-auth ${taken} -> ${new URL(after.guestAuth).port}.`);
  });

  it('leaves no process behind when killed', async () => {
    const urls = urlsOf(await running.addresses());
    running.child.kill('SIGKILL');
    await waitFor(() => processesOf(folder.path).length === 0, { what: 'every process to end' });
    for (const url of urls) await waitFor(() => isRefused(url), { what: `${url} to be gone` });
  });

  function logOf(name: string): string {
    return readFileSync(join(folder.path, 'logs', `${name}.log`), 'utf8');
  }
});

/** `[4711] 2026/11/22 10:51:05.886097 [INF] Trapped "terminated" signal` */
function natsStoppedAt(log: string): number {
  const [, day, time] = [...log.matchAll(/^\[\d+\] (\S+) (\S+) \[INF\] Trapped/gm)].at(-1) ?? [];
  return Date.parse(`${day?.replaceAll('/', '-')}T${time}Z`);
}
