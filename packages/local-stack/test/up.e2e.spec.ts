import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect as connectToNats } from '@nats-io/transport-node';
import { type TemporaryFolder, temporaryFolder } from '../src/folders.js';
import { describeProcess } from '../src/processes/describe-process.js';
import { apps } from '../src/up/apps.js';
import { waitFor } from '../src/wait-for.js';

const SCRIPT = fileURLToPath(new URL('../dist/up.js', import.meta.url));
const MINUTE_MS = 60_000;

type Addresses = Record<'tickets' | 'notifications' | 'mailbox' | 'smtp' | 'nats' | 'postgres' | 'oidc', string>;

describe('npm run up', () => {
  let folder: TemporaryFolder;
  let first: Addresses;
  let running: Run;

  beforeAll(async () => {
    folder = temporaryFolder('up');
    // Under root, Postgres runs as another user, who has to get to its data in here.
    chmodSync(folder.path, 0o711);
    running = startUp(folder.path);
    first = await running.addresses();
  }, 2 * MINUTE_MS);

  afterAll(async () => {
    running.child.kill('SIGKILL');
    await waitFor(() => processesOf(folder.path).length === 0, { what: 'everything to end' });
    folder.remove();
  }, MINUTE_MS);

  it('says that it is up and where everything is', async () => {
    expect(running.output()).toMatch(/^Bellhop is up/m);
    expect(Object.keys(first)).toEqual([...apps.map(({ key }) => key), 'mailbox', 'smtp', 'nats', 'postgres', 'oidc']);
    for (const { key } of apps) expect((await fetch(`${first[key as keyof Addresses]}/readyz`)).status).toBe(200);
    expect((await fetch(`${first.mailbox}/email`)).status).toBe(200);
    expect((await fetch(`${first.oidc}/.well-known/openid-configuration`)).status).toBe(200);
  });

  it('brings an event of the outside system crm to the mailbox within 5 s', async () => {
    const { username, password, host } = new URL(first.nats);
    const crm = await connectToNats({ servers: host, user: username, pass: password });
    await crm.request('inbound.crm.tickets.v1.replied', JSON.stringify(reply()), { timeout: 2_000 });
    await crm.close();
    type Mail = { to: { address: string }[]; subject: string; html: string };
    const [mail] = await waitFor(
      async () => {
        const mails = (await (await fetch(`${first.mailbox}/email`)).json()) as Mail[];
        const ours = mails.filter(({ to }) => to[0]?.address === 'jana@example.com');
        return ours.length > 0 && ours;
      },
      { timeoutMs: 5_000, what: 'the mail' },
    );
    expect(mail?.subject).toContain('7K4M2Q');
    expect(mail?.html).toContain('https://crm.example.com/t/7K4M2Q');
  });

  it('starts an app again that ended, and tells its last lines', async () => {
    const pid = Number(readFileSync(join(folder.path, 'up.pid'), 'utf8'));
    expect(pid).toBe(running.child.pid);
    const app = () => childrenOf(pid).find((child) => describeProcess(child)?.includes('apps/tickets/dist/main.js'));
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

  it(
    'leaves no process behind when stopped, and comes back in under 20 s with its data, passwords and keys',
    async () => {
      const token = await tokenOf(first.oidc);
      running.child.kill('SIGINT');
      expect(await running.exited).toBe(0);
      expect(processesOf(folder.path)).toEqual([]);
      for (const url of Object.values(first)) expect(await isRefused(url)).toBe(true);
      expect(existsSync(join(folder.path, 'up.json'))).toBe(false);

      const startedAt = Date.now();
      running = startUp(folder.path);
      const again = await running.addresses();
      expect(Date.now() - startedAt).toBeLessThan(20_000);
      expect(again).toEqual(first);
      const authorization = `Bearer ${token}`;
      expect((await fetch(`${again.tickets}/tickets`, { headers: { authorization } })).status).toBe(200);
    },
    MINUTE_MS,
  );

  it('leaves no process behind when killed', async () => {
    running.child.kill('SIGKILL');
    await waitFor(() => processesOf(folder.path).length === 0, { what: 'every process to end' });
    for (const url of Object.values(first)) await waitFor(() => isRefused(url), { what: `${url} to be gone` });
  });
});

interface Run {
  child: ChildProcess;
  exited: Promise<number | null>;
  output(): string;
  addresses(): Promise<Addresses>;
}

function startUp(dataDir: string): Run {
  const { PATH, HOME, TMPDIR, NATS_SERVER_BIN } = process.env;
  const env = { PATH, HOME, TMPDIR, NATS_SERVER_BIN, BELLHOP_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [SCRIPT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const addresses = async () => {
    await waitFor(() => /^Bellhop is up/m.test(output) || child.exitCode !== null, { timeoutMs: 2 * MINUTE_MS });
    if (child.exitCode !== null) throw new Error(output);
    return JSON.parse(readFileSync(join(dataDir, 'up.json'), 'utf8')) as Addresses;
  };
  return { child, exited, output: () => output, addresses };
}

function allProcesses(): number[] {
  if (existsSync('/proc/self/stat')) return readdirSync('/proc').map(Number).filter(Boolean);
  return execFileSync('ps', ['-A', '-o', 'pid='], { encoding: 'utf8' }).split('\n').map(Number).filter(Boolean);
}

/** Those that name the data folder: Postgres, NATS, the mailbox, the OpenID provider. */
function processesOf(dataDir: string): (string | undefined)[] {
  return allProcesses()
    .map(describeProcess)
    .filter((command) => command?.includes(dataDir));
}

function childrenOf(parent: number): number[] {
  return allProcesses().filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number {
  try {
    if (!existsSync('/proc/self/stat')) {
      return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

async function tokenOf(oidc: string): Promise<string> {
  const body = JSON.stringify({ email: 'ada@example.com' });
  const answer = await fetch(`${oidc}/dev/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function reply() {
  return {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: 'urn:example:crm',
    type: 'ticket.replied.v1',
    subject: 't-1',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      ticket: {
        id: 't-1',
        number: '7K4M2Q',
        status: 'open',
        category: 'trading',
        priority: 'normal',
        version: 7,
        url: 'https://crm.example.com/t/7K4M2Q',
      },
      requester: { kind: 'guest', email: 'jana@example.com', locale: 'pl' },
      actor: { kind: 'agent', id: 'agent-7' },
      message: { id: 'm-1', hasAttachments: false },
    },
  };
}
