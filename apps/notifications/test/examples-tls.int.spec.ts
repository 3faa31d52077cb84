import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startNats } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const example = (name: string) => fileURLToPath(new URL(`../../../examples/publish/${name}`, import.meta.url));
const EXAMPLES = [
  ['publish.sh', 'bash'],
  ['publish.py', 'python3'],
  ['publish.mjs', process.execPath],
] as const;
const ENCRYPTING = EXAMPLES.filter(([file]) => file !== 'publish.sh');

interface Ending {
  code: number;
  out: string;
  err: string;
}

function publish(file: string, command: string, url: string, more: Record<string, string> = {}): Promise<Ending> {
  const env = { PATH: process.env.PATH ?? '', NATS_URL: url, ...more };
  return new Promise((resolve) => {
    execFile(command, [example(file)], { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** A NATS server until the client answers: records what the client sends, and closes the connection. */
class Listener {
  heard = '';
  private readonly server: Server;

  constructor(info: object | string) {
    const greeting = typeof info === 'string' ? info : `INFO ${JSON.stringify(info)} `;
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        this.heard += data.toString('latin1');
        socket.destroy();
      });
      socket.write(`${greeting}\r\n`);
    });
  }

  async url(scheme = 'nats', user = 'crm:topsecret'): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `${scheme}://${user}@127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }
}

async function heardBy(info: object | string, file: string, command: string, scheme?: string) {
  const listener = new Listener(info);
  const ending = await publish(file, command, await listener.url(scheme));
  listener.stop();
  return { ...ending, heard: listener.heard };
}

const INFO = { server_id: 'x', version: '2.14.0', max_payload: 1_048_576 };

describe.each(EXAMPLES)('%s', (file, command) => {
  it.each([
    ['asks for TLS', { ...INFO, tls_required: true }, 'nats'],
    ['asks for TLS, and the address does, too', { ...INFO, tls_required: true }, 'tls'],
    ['has none, though the address asks for it', INFO, 'tls'],
    ['is no NATS server', '220 mail.example.com ESMTP', 'nats'],
  ])('sends no password in clear to a server that %s', async (_, info, scheme) => {
    const { code, heard } = await heardBy(info, file, command, scheme);
    expect(code).not.toBe(0);
    expect(heard).not.toMatch(/CONNECT|topsecret|PUB/);
  });
});

it('publish.sh says what to use when it cannot encrypt', async () => {
  const asked = await heardBy({ ...INFO, tls_required: true }, 'publish.sh', 'bash');
  expect(asked).toMatchObject({ code: 1, heard: '', err: expect.stringMatching(/asks for TLS.*publish\.py/) });
  const insisted = await heardBy(INFO, 'publish.sh', 'bash', 'tls');
  expect(insisted).toMatchObject({ code: 2, heard: '', err: expect.stringMatching(/tls:\/\/.*publish\.py/) });
});

describe('with a TLS server and a password with special characters', () => {
  const [user, password] = ['c@m', 'p%40:/"\\x41 ä?#'] as const;
  let folder: string;
  let nats: NatsServer;
  let authority: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bellhop-tls-'));
    authority = join(folder, 'server.pem');
    const key = join(folder, 'server.key');
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', authority], { stdio: 'pipe' });
    nats = await startNats({
      configuration: `tls { cert_file: "${authority}", key_file: "${key}" }
authorization { user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }`,
    });
    const tls = { ca: readFileSync(authority, 'utf8') };
    const connection = await connect({ servers: `127.0.0.1:${nats.port}`, user, pass: password, tls });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'INBOUND', subjects: ['inbound.>'] });
    await connection.close();
  });
  afterAll(async () => {
    await nats?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = (scheme: string) =>
    `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${nats.port}`;

  describe.each(ENCRYPTING)('%s', (file, command) => {
    it.each(['nats', 'tls'])('publishes over TLS: %s://', async (scheme) => {
      const known = { SSL_CERT_FILE: authority, NODE_EXTRA_CA_CERTS: authority };
      const { code, out, err } = await publish(file, command, url(scheme), known);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^stored: .*"stream": ?"INBOUND"/);
    });

    it('refuses a certificate of an unknown authority', async () => {
      const { code, err } = await publish(file, command, url('tls'));
      expect(code).not.toBe(0);
      expect(err).toMatch(/certificate/i);
    });
  });
});

describe('a password with special characters, without TLS', () => {
  const [user, password] = ['c@m', 'p%40:/"\\x41 ?#'] as const;
  let nats: NatsServer;

  beforeAll(async () => {
    nats = await startNats({
      configuration: `authorization { user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }`,
    });
    const connection = await connect({ servers: `127.0.0.1:${nats.port}`, user, pass: password });
    await (await jetstreamManager(connection)).streams.add({ name: 'INBOUND', subjects: ['inbound.>'] });
    await connection.close();
  });
  afterAll(() => nats?.stop());

  it.each(EXAMPLES)('is read from its URL by %s', async (file, command) => {
    const address = `nats://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${nats.port}`;
    const { code, out, err } = await publish(file, command, address);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^stored: /);
  });
});
