import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** Node takes the first of several `Host` headers, and a proxy perhaps another: RFC 9112 §3.2 has such a request refused. */
export function refuseSeveralHosts(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async ({ raw }, reply) => {
    const hosts = raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length <= 1) return;
    const problem = new Problem(400, 'broken_request', 'The request is not HTTP', 'Send one header Host.');
    return reply.status(400).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
  });
}
