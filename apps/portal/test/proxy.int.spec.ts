import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from '@bellhop/local-stack';
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

/** A client that reads an event stream. */
function readStream(path: string): Promise<{ response: IncomingMessage; text: () => string; close: () => void }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(edge.url);
    const late = setTimeout(() => request.destroy(new Error('no stream within 10 s')), 10_000);
    const request = httpRequest({ port, path, headers: { accept: 'text/event-stream' }, agent: false }, (response) => {
      clearTimeout(late);
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('error', () => undefined);
      resolve({ response, text: () => text, close: () => request.destroy() });
    });
    request.on('error', reject).end();
  });
}

const streamForEver: Upstream['answer'] = (request, response) => {
  if (!request.url?.endsWith('/stream')) return plain()(request, response);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('event: hint\ndata: {}\n\n');
};

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

describe('a file on its way up', () => {
  const upload = (chunks: number) => {
    const { port } = new URL(edge.url);
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(chunks * 65_536) };
    return httpRequest({ port, path: '/api/attachments', method: 'POST', headers, agent: false });
  };

  it('arrives byte by byte, and is not kept here first', async () => {
    let bytes = 0;
    tickets.answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.once('end', () => response.writeHead(201).end());
    };
    const request = upload(100);
    const answered = new Promise<number>((resolve) =>
      request.once('response', (r) => resolve(r.resume().statusCode ?? 0)),
    );
    request.write(Buffer.alloc(1_000));
    await waitFor(() => bytes === 1_000, { what: 'the first bytes' });
    request.end(Buffer.alloc(100 * 65_536 - 1_000));
    expect(await answered).toBe(201);
    expect(bytes).toBe(100 * 65_536);
  });

  it.each([413, 415])('is refused with the words of the service (%i) before all of it was sent', async (status) => {
    tickets.answer = (request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/problem+json' }).end('{"code":"file_too_large"}');
    };
    const request = upload(320);
    const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.once('error', reject);
    });
    request.write(Buffer.alloc(65_536));
    expect(await answered).toEqual({ status, text: '{"code":"file_too_large"}' });
    request.destroy();
  });

  it('ends at the service when its sender has gone', async () => {
    let isAborted = false;
    tickets.answer = (request) => {
      request.resume();
      request.once('close', () => (isAborted = !request.complete));
    };
    const request = upload(100);
    request.on('error', () => undefined);
    request.write(Buffer.alloc(1_000));
    await waitFor(() => tickets.seen.length === 1, { what: 'the upload' });
    request.destroy();
    await waitFor(() => isAborted, { what: 'its end at the service' });
  });
});

describe('event streams', () => {
  it('come through as they are written, and end at the service with their reader', async () => {
    tickets.answer = streamForEver;
    const stream = await readStream('/api/tickets/0199/stream');
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await waitFor(() => stream.text() === 'event: hint\ndata: {}\n\n', { what: 'the first hint' });
    const before = tickets.open;
    stream.close();
    await waitFor(() => tickets.open < before, { what: 'the end of the stream' });
  });

  it('P19 leave room for others: with 300 of them open, a request takes less than 100 ms', async () => {
    tickets.answer = streamForEver;
    const streams = await Promise.all(Array.from({ length: 300 }, () => readStream('/api/tickets/0199/stream')));
    await waitFor(() => streams.every(({ text }) => text() !== ''), { what: 'all streams' });
    await ask('/api/tickets');
    const startedAt = performance.now();
    expect((await ask('/api/tickets')).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(100);
    for (const { close } of streams) close();
  });

  it('are ended in good order by a shutdown, which they do not hold up', async () => {
    tickets.answer = streamForEver;
    const other = await startEdge({ TICKETS_URL: tickets.url });
    const { port } = new URL(other.url);
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write('GET /api/tickets/1/stream HTTP/1.1\r\nhost: a\r\n\r\n'),
    );
    let received = '';
    socket.setEncoding('utf8').on('data', (part) => (received += part));
    await waitFor(() => received.includes('event: hint'), { what: 'the stream' });
    const startedAt = performance.now();
    await other.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    // The last chunk of a body that is complete (RFC 9112 §7.1).
    expect(received).toMatch(/\r\n0\r\n\r\n$/);
  });
});
