import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEdge, type TestEdge } from './running-edge.js';
import { Upstream } from './upstream.js';

let tickets: Upstream;
let edge: TestEdge;
beforeAll(async () => {
  tickets = await Upstream.start();
  edge = await startEdge({ TICKETS_URL: tickets.url });
});
afterAll(async () => {
  await edge?.stop();
  await tickets?.stop();
});

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
  if (!request.url?.endsWith('/stream')) return void response.end('{}');
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('event: hint\ndata: {}\n\n');
};

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
    tickets.seen.length = 0;
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
    await fetch(`${edge.url}/api/tickets`);
    const startedAt = performance.now();
    expect((await fetch(`${edge.url}/api/tickets`)).status).toBe(200);
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
