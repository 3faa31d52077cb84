import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { endLateBodies } from './late-bodies.js';

const PATIENCE_MS = 150;
const server = fastify();

beforeAll(async () => {
  endLateBodies(server as never, { patienceMs: PATIENCE_MS, lingerMs: PATIENCE_MS });
  server.post('/text', async ({ body }) => body);
  server.addContentTypeParser('application/x-file', (_request, payload, done) => {
    payload.resume().on('end', () => done(null));
  });
  server.post('/file', { config: { maxFileBytes: 100 } } as object, async () => 'taken');
  server.post('/refused', { preParsing: async () => Promise.reject(new Error('no')) }, async () => 'never');
  server.get('/slow', () => sleep(PATIENCE_MS * 3).then(() => 'late, and well'));
  await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

/** Sends the pieces with a pause before each one but the first; returns the answer, and whether the connection was cut. */
function trickled(path: string, type: string, pieces: readonly string[], pauseMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.server.address() as { port: number }).port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
    const length = pieces.join('').length + 1;
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`);
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        await sleep(pauseMs);
      }
    })();
  });
}

describe('a body that does not come to its end', () => {
  it('is 408, and its connection is cut', async () => {
    const answer = await trickled('/text', 'text/plain', ['a', 'b', 'c'], PATIENCE_MS * 0.6);
    expect(answer).toContain('408 Request Timeout');
    expect(answer).toContain('"code":"request_timeout"');
  });

  it('may take longer where a file is taken, as long as it gets on', async () => {
    const startedAt = performance.now();
    const answer = await trickled('/file', 'application/x-file', ['a', 'b', 'c', 'd', 'e'], PATIENCE_MS * 0.6);
    expect(answer).toContain('408 Request Timeout');
    expect(performance.now() - startedAt).toBeGreaterThan(PATIENCE_MS * 3);
  });
});

describe('a body that nobody wants', () => {
  it('is read for a moment, so that the answer is seen, and then its connection is cut', async () => {
    const startedAt = performance.now();
    const answer = await trickled('/refused', 'text/plain', Array(20).fill('a'), PATIENCE_MS * 0.4);
    expect(answer).toContain('500 Internal Server Error');
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS * 6);
  });
});

describe('a request that is complete', () => {
  it('is answered when the answer is there', async () => {
    const { port } = server.server.address() as { port: number };
    expect(await (await fetch(`http://127.0.0.1:${port}/slow`)).text()).toBe('late, and well');
  });
});
