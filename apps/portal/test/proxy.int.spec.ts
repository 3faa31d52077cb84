import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

let tickets: Upstream;
let notifications: Upstream;
let guestAuth: Upstream;
let edge: TestEdge;
beforeAll(async () => {
  [tickets, notifications, guestAuth] = await Promise.all([Upstream.start(), Upstream.start(), Upstream.start()]);
  edge = await startEdge({
    TICKETS_URL: tickets.url,
    NOTIFICATIONS_URL: notifications.url,
    GUEST_AUTH_URL: guestAuth.url,
    TRUSTED_PROXIES: '127.0.0.1',
  });
});
afterAll(async () => {
  await edge?.stop();
  await Promise.all([tickets, notifications, guestAuth].map((upstream) => upstream?.stop()));
});
const plain = (): Upstream['answer'] => (request, response) => {
  request.resume();
  request.once('end', () => response.end('{}'));
};
beforeEach(() => {
  for (const upstream of [tickets, notifications, guestAuth]) {
    upstream.answer = plain();
    upstream.seen.length = 0;
  }
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** As `fetch`, but with any header and the path as it is. */
function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(edge.url);
    const request = httpRequest({ port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

describe('the way to the services', () => {
  it.each([
    ['/api/tickets', () => tickets, '/tickets'],
    ['/api/tickets?status=open&q=50%', () => tickets, '/tickets?status=open&q=50%'],
    ['/api/tickets/0199/messages', () => tickets, '/tickets/0199/messages'],
    ['/api/desk/tickets?q=/../x', () => tickets, '/desk/tickets?q=/../x'],
    ['/api/attachments/0199', () => tickets, '/attachments/0199'],
    ['/api/me', () => tickets, '/me'],
    ['/api/notifications/feed', () => notifications, '/notifications/feed'],
    ['/api/unsubscribe/abc', () => notifications, '/unsubscribe/abc'],
    ['/api/webhooks/resend', () => notifications, '/webhooks/resend'],
    ['/api/ops/suppressions/a%2Fb@example.com', () => notifications, '/ops/suppressions/a%2Fb@example.com'],
    ['/api/guest/challenges', () => guestAuth, '/guest/challenges'],
  ])('%s leads to its service', async (path, upstream, url) => {
    expect((await ask(path)).status).toBe(200);
    expect(upstream().seen.map((request) => request.url)).toEqual([url]);
  });

  it.each([
    '/api/healthz',
    '/api/metrics',
    '/api/ticketsfoo',
    '/api/tickets/../healthz',
    '/api/tickets/%2e%2e/healthz',
    '/api/tickets/%2E./healthz',
    '/api/tickets/..%2fhealthz',
    '/api/tickets/..%5chealthz',
    '/api/tickets/..\\healthz',
    '/api/%74ickets/../../ops',
    '/api//tickets',
    '/api/@evil.example/',
    '/api/tickets/%',
    '/API/tickets',
  ])('leads nowhere by %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ code: 'not_found' });
    expect([...tickets.seen, ...notifications.seen, ...guestAuth.seen]).toEqual([]);
  });

  it('P18 says itself who asks, whatever a client claims', async () => {
    const forged = {
      'proxy-authorization': 'Basic forged',
      forwarded: 'for=198.51.100.1',
      'x-real-ip': '198.51.100.1',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      'x-original-url': '/ops/audit',
      'true-client-ip': '198.51.100.1',
      'cf-connecting-ip': '198.51.100.1',
      'x-http-method-override': 'DELETE',
      host: 'evil.example',
      connection: 'keep-alive, x-forwarded-for',
      'x-forwarded-for': '198.51.100.1',
    };
    await ask('/api/tickets', { headers: forged });
    const { headers, rawHeaders, method } = tickets.last;
    expect(method).toBe('GET');
    expect(headers.host).toBe(new URL(tickets.url).host);
    for (const name of Object.keys(forged).filter((one) => !['host', 'connection', 'x-forwarded-for'].includes(one)))
      expect(headers[name]).toBeUndefined();
    // The test's own address is that of a trusted proxy, so what it forwards is the client.
    expect(rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'x-forwarded-for')).toEqual([
      '198.51.100.1',
    ]);
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9:4711', '203.0.113.9'],
    ['198.51.100.1, [2001:db8::7]:443', '2001:db8::7'],
    [undefined, '127.0.0.1'],
  ])('S45 forwards one address of %j', async (forwarded, address) => {
    await ask('/api/tickets', { headers: forwarded ? { 'x-forwarded-for': forwarded } : {} });
    expect(tickets.last.headers['x-forwarded-for']).toBe(address);
  });

  it('passes on what concerns the service: origin, key, place in a stream, cookies, language, a token of its own', async () => {
    const headers = {
      authorization: 'Bearer of-a-program',
      origin: edge.origin,
      cookie: '__Host-bellhop-guest=g; __Host-bellhop-browser=b',
      'accept-language': 'pl',
      'idempotency-key': 'k1',
      'last-event-id': '7',
      'content-type': 'application/json',
    };
    await ask('/api/tickets', { method: 'POST', headers, body: '{"a":1}' });
    expect(tickets.last.headers).toMatchObject(headers);
  });

  it('passes on what the service answers, with each of its cookies', async () => {
    guestAuth.answer = (_request, response) => {
      response.writeHead(422, {
        'content-type': 'application/problem+json',
        'set-cookie': ['a=1; Path=/', 'b=2; Path=/'],
      });
      response.end('{"code":"wrong_code"}');
    };
    const { status, headers, body } = await ask('/api/guest/challenges/1/verification', { method: 'POST' });
    expect(status).toBe(422);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    expect(body).toBe('{"code":"wrong_code"}');
  });

  it('S29 refuses what a page of somebody else sends', async () => {
    const { status, body } = await ask('/api/tickets', { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'foreign_origin' });
    expect(tickets.seen).toEqual([]);
  });

  it('drops the body of a GET, and answers a HEAD without one', async () => {
    expect((await ask('/api/tickets', { headers: { 'content-length': '3' }, body: 'abc' })).status).toBe(200);
    expect(await ask('/api/tickets', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('takes a body that waits for "100 Continue"', async () => {
    const headers = { expect: '100-continue', 'content-type': 'application/json' };
    expect((await ask('/api/tickets', { method: 'POST', headers, body: '{}' })).status).toBe(200);
  });

  it('asks a service that is busy once, and passes its answer on', async () => {
    tickets.answer = (_request, response) => {
      response.writeHead(503, { 'retry-after': '5', 'content-type': 'application/problem+json' });
      response.end('{"code":"temporarily_unavailable"}');
    };
    const { status, headers, body } = await ask('/api/tickets');
    expect([status, headers['retry-after'], body]).toEqual([503, '5', '{"code":"temporarily_unavailable"}']);
    expect(tickets.seen).toHaveLength(1);
  });

  it('says that a service is away, and when to ask again', async () => {
    tickets.answer = (request) => request.socket.destroy();
    const { status, headers, body } = await ask('/api/tickets', { method: 'POST', body: '{}' });
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(body)).toMatchObject({ code: 'service_unavailable' });
    expect((await ask('/api/guest/session', { method: 'DELETE' })).status).toBe(200);
  });
});
