import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { takesFile } from './body.decorators.js';

/** A JSON body has this long; a file may take longer, but bytes of it must come within this. */
const BODY_PATIENCE_MS = 30_000;
/** 20 MiB at 280 kbit/s. */
export const UPLOAD_PATIENCE_MS = 10 * 60_000;
/** How long the rest of a refused body is still read: if the connection closed at once, the client would not see the refusal. */
const LINGER_MS = 5_000;

/** A stalled body is answered with 408 and its connection closed, so that nobody holds one by sending slowly. */
export function endLateBodies(
  fastify: FastifyInstance,
  { patienceMs = BODY_PATIENCE_MS, lingerMs = LINGER_MS } = {},
): void {
  fastify.addHook('onRequest', async (request, reply) => watch(request, reply, patienceMs));
  fastify.addHook('onResponse', async ({ raw }) => {
    if (raw.complete) return;
    setTimeout(() => {
      // By now the connection may have gone on to another request.
      if (!raw.complete) raw.destroy();
    }, lingerMs).unref();
  });
}

function watch(request: FastifyRequest, reply: FastifyReply, patienceMs: number): void {
  const { raw } = request;
  let seenBytes = raw.socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete || raw.destroyed || reply.sent) return clearInterval(timer);
    const isGettingOn = takesFile(request) && raw.socket.bytesRead > seenBytes;
    seenBytes = raw.socket.bytesRead;
    if (isGettingOn) return;
    clearInterval(timer);
    refuse(request, reply);
  }, patienceMs).unref();
  raw.once('close', () => clearInterval(timer));
  reply.raw.once('close', () => clearInterval(timer));
}

function refuse({ raw }: FastifyRequest, reply: FastifyReply): void {
  const problem = new Problem(408, 'request_timeout', 'The request took too long', 'Send the whole request again.');
  reply.raw.once('finish', () => raw.destroy());
  reply.header('connection', 'close').status(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
}
