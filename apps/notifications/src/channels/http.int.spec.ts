import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import tlsOptions from 'smtp-server/lib/tls-options.js';
import { HttpTransport, type NoAnswer } from './http.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const portOf = async (server: Server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
};
const ask = async (port: number) => {
  const http = new HttpTransport(OPTIONS);
  const exchange = http.exchange({ method: 'POST', url: `https://127.0.0.1:${port}/emails`, body: Buffer.from('{}') });
  return exchange.catch(({ fault }: NoAnswer) => ({ fault })).finally(() => http.close());
};
const TIMEOUTS = { connectMs: 500, answerMs: 500 };
const OPTIONS = { timeouts: TIMEOUTS, maxConnections: 2, maxAnswerBytes: 4096 };

describe('before TLS stands, nothing has left', () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['a server that speaks no TLS', (socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'), 'tls_failed'],
    ['one that hangs up', (socket) => void socket.once('data', () => socket.destroy()), 'connection_lost'],
    ['one that says nothing', (socket) => void socket.resume(), 'timed_out'],
  ])('with %s', async (_, behave, cause) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      cleanups.push(() => socket.destroy());
      behave(socket);
    });
    expect(await ask(await portOf(server))).toEqual({ fault: { cause, hasLeft: false } });
  });

  it('with one whose certificate nobody has signed, and it sees neither key nor mail', async () => {
    let requests = 0;
    const server = createHttpsServer(tlsOptions(), (_, response) => {
      requests += 1;
      response.end('{"id":"a"}');
    });
    expect(await ask(await portOf(server))).toEqual({ fault: { cause: 'tls_failed', hasLeft: false } });
    expect(requests).toBe(0);
  });
});

describe('once TLS stands', () => {
  it('an answer is read over a kept connection, and silence is unknown', async () => {
    const ports = new Set<number | undefined>();
    const server = createHttpsServer(tlsOptions(), (request, response) => {
      ports.add(request.socket.remotePort);
      cleanups.push(() => request.socket.destroy());
      if (request.url === '/emails') response.end(`{"authorization":"${request.headers.authorization}"}`);
    });
    const port = await portOf(server);
    // In a process of its own, which trusts anybody: Node reads that from the real environment.
    const built = (file: string) => JSON.stringify(new URL(`../../dist/channels/${file}`, import.meta.url).href);
    const script = `
      import { ResendClient } from ${built('email/resend/client.js')};
      import { HttpTransport } from ${built('http.js')};
      const origin = 'https://127.0.0.1:${port}';
      const http = new HttpTransport(${JSON.stringify(OPTIONS)});
      const client = new ResendClient({ origin, apiKey: 're_key' }, http);
      const ask = (path) => client.post(path, {}).then(({ data }) => ({ data }), ({ fault }) => ({ fault }));
      console.log(JSON.stringify([await ask('/emails'), await ask('/emails'), await ask('/silence')]));
      http.close();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
      timeout: 30_000,
    });
    const answer = { data: { authorization: 'Bearer re_key' } };
    expect(JSON.parse(stdout)).toEqual([answer, answer, { fault: { cause: 'timed_out', hasLeft: true } }]);
    expect(ports.size).toBe(1);
  });
});

describe('S24 a name', () => {
  it('whose address the resolver refuses is never connected to', async () => {
    let connections = 0;
    const server = createServer(() => (connections += 1));
    const port = await portOf(server);
    const lookup: LookupFunction = (_name, _options, callback) =>
      callback(Object.assign(new Error('not public'), { code: 'ADDRESS_REFUSED' }), '', 0);
    const http = new HttpTransport({ ...OPTIONS, lookup });
    cleanups.push(() => http.close());
    for (const scheme of ['http', 'https']) {
      const exchange = http.exchange({ method: 'POST', url: `${scheme}://localhost:${port}/` });
      await expect(exchange).rejects.toMatchObject({ fault: { cause: 'address_refused', hasLeft: false } });
    }
    expect(connections).toBe(0);
  });
});
