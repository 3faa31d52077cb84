import { setTimeout as sleep } from 'node:timers/promises';
import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Subject } from 'rxjs';
import { temporarilyUnavailable } from './problem.js';

/** Knows what is being answered right now, so that shutting down can wait for it and end what never ends by itself. */
export class OpenRequests {
  /** Emits once, when event streams have to end. */
  readonly streamsEnd = new Subject<void>();
  /** By identity, not by number: what fails before its route is found ends without having begun. */
  private readonly open = new Set<FastifyRequest>();
  private isRefusing = false;

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => {
      this.open.add(request);
      reply.raw.once('close', () => {
        if (reply.sent) this.open.delete(request);
      });
      if (!this.isRefusing) return;
      const problem = temporarilyUnavailable('This process is shutting down. Send the request again.');
      reply.headers({ ...problem.headers, connection: 'close' });
      return reply.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
    });
    // Fastify tells of no response to somebody who has gone before there was one.
    fastify.addHook('onSend', async (request, reply) => {
      if (reply.raw.destroyed) this.open.delete(request);
    });
    fastify.addHook('onResponse', async (request) => {
      this.open.delete(request);
    });
  }

  endStreams(): void {
    this.streamsEnd.next();
    this.streamsEnd.complete();
  }

  /** Answers new requests with 503 and waits until the old ones are answered. */
  async refuseAndFinish(): Promise<void> {
    this.isRefusing = true;
    while (this.open.size > 0) await sleep(10);
  }
}
