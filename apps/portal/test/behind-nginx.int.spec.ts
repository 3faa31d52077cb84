import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, freePort, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LargeProvider } from './large-provider.js';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

const NGINX = process.env.NGINX_BIN ?? 'nginx';
const EXAMPLE = new URL('../../../deploy/proxies/nginx.conf', import.meta.url);
const isHere = (() => {
  try {
    execFileSync(NGINX, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('Left out: there is no nginx on this machine. NGINX_BIN names one.');
    return false;
  }
})();

/** The example of `deploy/proxies` without its certificate, on other ports. */
function configuration(folder: string, port: number, portalPort: number): string {
  const server = readFileSync(EXAMPLE, 'utf8')
    .replace(/ *(http2|ssl_certificate\w*) .*;\n/g, '')
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replace('127.0.0.1:3000', `127.0.0.1:${portalPort}`);
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/${n};`);
  // Its workers would be another user, who may not enter the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user} daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}
http { access_log off; ${folders.join(' ')}
${server} }`;
}

(isHere ? describe : describe.skip)('behind nginx, as deploy/proxies has it', () => {
  let provider: LargeProvider;
  let tickets: Upstream;
  let edge: TestEdge;
  let url: string;
  let stopNginx: () => Promise<void>;
  beforeAll(async () => {
    [provider, tickets] = await Promise.all([LargeProvider.start(), Upstream.start()]);
    const port = await freePort();
    url = `http://localhost:${port}`;
    const settings = { OIDC_ISSUER: provider.issuer, TICKETS_URL: tickets.url, TRUSTED_PROXIES: '127.0.0.1' };
    edge = await startEdge({ ...settings, PUBLIC_URL: url });
    const folder = mkdtempSync(join(tmpdir(), 'bellhop-nginx-'));
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, Number(new URL(edge.url).port)));
    const nginx = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
    const ended = new Promise<void>((resolve) => nginx.once('exit', () => resolve()));
    stopNginx = async () => {
      nginx.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    };
    await waitFor(async () => (await fetch(`${url}/healthz`)).ok, { what: 'nginx' });
  });
  afterAll(async () => {
    await stopNginx?.();
    await edge?.stop();
    await Promise.all([provider?.stop(), tickets?.stop()]);
  });

  it('F8 the first frame of an event stream is there within 300 ms, and the place in it arrives at the service', async () => {
    tickets.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: hint\ndata: {}\n\n');
    };
    const startedAt = performance.now();
    const headers = { 'last-event-id': '7' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(`${url}/api/tickets/1/stream`, { headers, agent: false }, resolve).on('error', reject).end();
    });
    const frame = await new Promise((resolve) => response.once('data', (data) => resolve(String(data))));
    expect(frame).toBe('event: hint\ndata: {}\n\n');
    expect(performance.now() - startedAt).toBeLessThan(300);
    expect(tickets.last.headers['last-event-id']).toBe('7');
    response.destroy();
  });

  it('P18 the service hears the address that nginx sees', async () => {
    tickets.answer = (_request, response) => response.end('{}');
    await fetch(`${url}/api/tickets`, { headers: { 'x-forwarded-for': '198.51.100.1' } });
    expect(tickets.last.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  it('an upload reaches the service while it is sent', async () => {
    let bytes = 0;
    tickets.answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (bytes += chunk.length)).once('end', () => response.writeHead(201).end());
    };
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '2000000' };
    const request = httpRequest(`${url}/api/attachments`, { method: 'POST', headers, agent: false });
    const answered = new Promise((resolve) => request.once('response', (answer) => resolve(answer.statusCode)));
    request.write(Buffer.alloc(1_000));
    await waitFor(() => bytes === 1_000, { what: 'the first bytes' });
    request.end(Buffer.alloc(1_999_000));
    expect(await answered).toBe(201);
  });

  it('P16 a session of three cookies passes in both directions', async () => {
    Object.assign(provider, { accessTokenBytes: 6_000, refreshTokenBytes: 3_000 });
    tickets.answer = (_request, response) => response.end('{}');
    const browser = new Browser();
    expect((await browser.signIn(url, 'large', '/tickets')).url).toBe(`${url}/tickets`);
    expect(browser.cookiesOf(url).size).toBe(3);
    expect((await browser.ask(`${url}/api/tickets`)).status).toBe(200);
    expect(tickets.last.headers.authorization).toMatch(/^Bearer /);
  });
});
