import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { temporarilyUnavailable } from './problem.js';

/** The requests in progress, so that a shutdown can wait for them, and end those that never end by themselves. */
export class OpenRequests {
  /** Aborted when event streams have to end. */
  readonly streamsEnd: AbortSignal;
  private readonly ending = new AbortController();
  /**
   * By identity, not by number: a request that fails before its route is found ends without having begun. The value tells whether it was
   * answered: work goes on for a client that has disconnected. Who took the response from Fastify (`hijack`) answers by itself. The socket
   * is kept because Node forgets it with the body of a request that was passed on.
   */
  private readonly open = new Map<FastifyRequest, { isAnswered: boolean; reply: FastifyReply; socket: Socket }>();
  private readonly sockets = new WeakSet<Socket>();
  private isRefusing = false;

  constructor() {
    this.streamsEnd = this.ending.signal;
    // Each open stream listens.
    setMaxListeners(0, this.streamsEnd);
  }

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => {
      const { socket } = request.raw;
      this.open.set(request, { isAnswered: false, reply, socket });
      this.watchSocket(socket);
      if (!this.isRefusing) return;
      const problem = temporarilyUnavailable('This process is shutting down. Send the request again.');
      reply.headers({ ...problem.headers, connection: 'close' });
      return reply.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
    });
    fastify.addHook('onSend', async (request) => {
      const entry = this.open.get(request);
      if (entry?.socket.destroyed) this.open.delete(request);
      else if (entry) entry.isAnswered = true;
    });
    fastify.addHook('onResponse', async (request) => {
      this.open.delete(request);
    });
  }

  /** Fastify tells of no response to somebody who has gone, nor does Node where several requests were sent at once. */
  private watchSocket(socket: Socket): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.once('close', () => {
      for (const [request, entry] of this.open) {
        if ((entry.isAnswered || entry.reply.sent) && entry.socket === socket) this.open.delete(request);
      }
    });
  }

  endStreams(): void {
    this.ending.abort();
  }

  /** Answers new requests with 503 and waits until the old ones are answered. */
  async refuseAndFinish(): Promise<void> {
    this.isRefusing = true;
    while (this.open.size > 0) await sleep(10);
  }
}
