import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { OpenRequests } from './open-requests.js';

let server: FastifyInstance;
let requests: OpenRequests;
const replies: FastifyReply[] = [];

beforeEach(async () => {
  await server?.close();
  replies.length = 0;
  requests = new OpenRequests();
  server = fastify({ forceCloseConnections: true });
  requests.watch(server as never);
  server.get('/stream', async (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200).flushHeaders();
    replies.push(reply);
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

/** A client that has the headers of a stream. */
async function reader() {
  const { port } = server.server.address() as AddressInfo;
  const request = get({ port, path: '/stream', agent: false }, (response) => response.resume());
  request.on('error', () => undefined);
  await waitFor(() => replies.length > 0, { what: 'a stream' });
  return request;
}
const isFinished = () =>
  Promise.race([
    requests.refuseAndFinish().then(() => true),
    new Promise((resolve) => setTimeout(resolve, 1_000, false)),
  ]);

describe('a response that was taken from Fastify', () => {
  it('is open until it is ended', async () => {
    const request = await reader();
    expect(await isFinished()).toBe(false);
    replies[0]?.raw.end();
    expect(await isFinished()).toBe(true);
    request.destroy();
  });

  it('holds up no shutdown when its client has gone', async () => {
    (await reader()).destroy();
    await waitFor(() => replies[0]?.raw.destroyed);
    expect(await isFinished()).toBe(true);
  });
});
