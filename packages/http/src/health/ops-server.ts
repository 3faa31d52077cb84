import type { ReadinessDetails } from '@bellhop/contracts/http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/metrics.js';
import { SECURITY_HEADERS } from '../requests/security-headers.js';
import type { Readiness } from './readiness.js';

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * The inner port, for the operator's own machines: alive, ready and what is missing, metrics. It needs no sign-in. Counters reveal what
 * answers hide, and problems name hosts and folders: so none of it is on the public port, and this one is never published.
 */
export function opsServer(readiness: Readiness, metrics: Metrics): FastifyInstance {
  const server = Fastify({ requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true });
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply): Promise<ReadinessDetails> => {
    const [missing, degraded] = await Promise.all([readiness.missing(), readiness.degraded()]);
    const isReady = missing.length === 0;
    reply.status(isReady ? 200 : 503);
    return { ready: isReady, missing, degraded, off: [...readiness.off] };
  });
  server.get('/metrics', async (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return metrics.metrics();
  });
  return server;
}
