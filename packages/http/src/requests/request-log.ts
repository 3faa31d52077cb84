import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../logging/json-logger.js';
import type { Metrics } from '../metrics/metrics.js';

const QUIET_ROUTES = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * One line and one measurement per answered request. The route's pattern is written, never the URL: paths carry
 * link tokens and ids.
 */
export function logRequests(fastify: FastifyInstance, metrics: Metrics, log: Log): void {
  fastify.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request);
    const status = reply.statusCode;
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    // An event stream lasts for hours, and is slow to nobody.
    if (!isEventStream(reply)) {
      metrics.httpDuration.observe({ method: request.method, route, status: String(status) }, ms / 1000);
    }
    const line = { message: 'request', method: request.method, route, status, ms };
    if (QUIET_ROUTES.has(route)) log.debug(line);
    else log.log(line);
  });
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
}

function isEventStream(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/event-stream');
}
