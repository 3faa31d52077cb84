import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  freePort,
  PushService,
  SmtpSink,
  startApp,
  startMailbox,
  startNats,
  startNatsCluster,
  startOidc,
  startPostgres,
  startResend,
  waitFor,
} from '../src/index.js';
import { isPortTaken } from '../src/ports.js';

const NOWHERE = 'nats://127.0.0.1:9';
const ENV = {
  NATS_URL: NOWHERE,
  DATABASE_URL: 'postgres://127.0.0.1:9/tickets',
  OIDC_ISSUER: 'http://127.0.0.1:9',
  OIDC_AUDIENCE: 'bellhop',
  ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
  ATTACHMENTS_FOLDER: '/tmp/bellhop-taken-ports',
};

type OnLine = (line: string) => void;
interface Started {
  stop(): Promise<unknown>;
}

let holder: Server | undefined;

afterEach(() => letGo());

// Whether somebody else holds the port is looked at before each start; these take it after the look.
describe('a port that somebody takes between the look and the start', () => {
  it.each<[string, (port: number, onLine: OnLine) => Promise<Started>, processes?: number]>([
    ['NATS', (port, onLine) => startNats({ port, onLine })],
    // Before it, initdb makes its data.
    ['Postgres', (port, onLine) => startPostgres({ port, onLine }), 2],
    ['the mailbox, for mails', (smtpPort, onLine) => startMailbox({ smtpPort, onLine })],
    ['the mailbox, for its page', (webPort, onLine) => startMailbox({ webPort, onLine })],
    ['the OpenID provider', (port, onLine) => startOidc({ port, onLine })],
    ['the Resend server', (port, onLine) => startResend({ port, onLine, isProcess: true })],
    ['an app', (port, onLine) => startApp({ app: 'tickets', env: { ...ENV, PORT: String(port) }, onLine })],
    ['its inner side', (port, onLine) => startApp({ app: 'tickets', env: { ...ENV, OPS_PORT: String(port) }, onLine })],
  ])('is waited for by %s', async (_, start, processes = 1) => {
    const port = await freePort();
    const lines: string[] = [];
    let starting: Promise<Started>;
    for (;;) {
      const spawned = untilSpawned(processes);
      starting = start(port, (line) => lines.push(line));
      await Promise.race([spawned, starting]);
      if (await hold(port)) break;
      // The server was faster.
      await (await starting).stop();
    }
    await waitFor(() => lines.some(isPortTaken), { timeoutMs: 30_000, what: 'a start that fails' });
    await letGo();
    await (await starting).stop();
  });
});

describe('a port that somebody has for a moment while a server is away', () => {
  interface Restarted {
    port: number;
    kill(): Promise<unknown>;
    resume(): Promise<unknown>;
    stop(): Promise<unknown>;
  }

  const servers: [string, () => Promise<Restarted>][] = [
    ['NATS', () => startNats()],
    ['Postgres', () => startPostgres()],
    ['the Resend server', () => startResend()],
    ['the Resend server as a process', () => startResend({ isProcess: true })],
    ['the SMTP server', smtpSink],
    ['the push service', pushService],
    ['one of a NATS cluster', oneOfCluster],
    ['an app', app],
  ];

  it.each(servers)('is waited for by %s', async (_, start) => {
    const server = await start();
    try {
      await server.kill();
      expect(await hold(server.port)).toBe(true);
      const resumed = server.resume();
      setTimeout(() => void letGo(), 1_000);
      await resumed;
    } finally {
      await server.stop();
    }
  });

  async function smtpSink(): Promise<Restarted> {
    const sink = await SmtpSink.start();
    const kill = () => sink.refuseConnections();
    return { port: sink.port, kill, resume: () => sink.acceptConnections(), stop: () => sink.close() };
  }

  async function pushService(): Promise<Restarted> {
    const push = await PushService.start();
    return { port: push.port, kill: () => push.pause(), resume: () => push.resume(), stop: () => push.close() };
  }

  async function oneOfCluster(): Promise<Restarted> {
    const cluster = await startNatsCluster();
    const port = cluster.servers[0]?.port as number;
    return { port, kill: () => cluster.kill(0), resume: () => cluster.resume(0), stop: () => cluster.stop() };
  }

  async function app(): Promise<Restarted> {
    let running = await startApp({ app: 'tickets', env: ENV });
    const port = Number(new URL(running.url).port);
    const resume = async () => {
      running = await startApp({ app: 'tickets', env: { ...ENV, PORT: String(port) } });
    };
    return { port, kill: () => running.stop('SIGKILL'), resume, stop: () => running.stop() };
  }
});

/** Resolves when so many processes were started from here, or it takes too long. */
async function untilSpawned(count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  const watched = (globalThis as Record<symbol, unknown>)[Symbol.for('bellhop.watched')] as ReadonlySet<string>;
  const before = new Set(watched);
  const spawned = new Set<string>();
  while (spawned.size < count && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const key of watched) if (key.startsWith('process') && !before.has(key)) spawned.add(key);
  }
}

/**
 * Somebody who answers everything with 200, so that whoever asks only whether there is an answer is deceived.
 * @returns false if the port is taken
 */
function hold(port: number): Promise<boolean> {
  const server = createServer((_, response) => void response.end('ok'));
  holder = server;
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

async function letGo(): Promise<void> {
  const server = holder;
  holder = undefined;
  server?.closeAllConnections();
  await new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
}
