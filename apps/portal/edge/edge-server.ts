import {
  answerBrokenRequest,
  type Log,
  logRequests,
  type Metrics,
  nothingHere,
  type OpenRequests,
  originCheck,
  type Readiness,
  refuseSeveralHosts,
  SECURITY_HEADERS,
  trustOf,
} from '@bellhop/http';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Config } from './config.js';
import { pagesRoutes } from './pages/pages.routes.js';
import type { Site } from './pages/site.js';
import { answerErrors, sendProblem } from './problems.js';
import { proxyRoutes } from './proxy/proxy.routes.js';
import { SessionCookies } from './session/session-cookies.js';
import { Sessions } from './session/sessions.js';
import type { OpenId } from './sign-in/open-id.js';
import { signInRoutes } from './sign-in/sign-in.routes.js';

/** The cookies of a session may have 12 kB; Node would refuse heads of more than 16 kB. */
const MAX_HEADER_BYTES = 32 * 1024;
const HEAD_TIMEOUT_MS = 30_000;
/** Longer than the services give an upload: they answer, and say why. */
const REQUEST_TIMEOUT_MS = 11 * 60_000;
/** As in the services: an e-mail address fits into one part of a path. */
const MAX_PARAM_LENGTH = 400;

export interface EdgeParts {
  readonly config: Config;
  readonly site: Site;
  readonly openId: OpenId;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly openRequests: OpenRequests;
  readonly log: Log;
}

/** All that browsers see. Whatever no route names is refused. */
export async function edgeServer(parts: EdgeParts): Promise<FastifyInstance> {
  const { config, site, openId, readiness, metrics, openRequests, log } = parts;
  const server = Fastify({
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEAD_TIMEOUT_MS },
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    trustProxy: config.TRUSTED_PROXIES?.length ? trustOf(config.TRUSTED_PROXIES) : false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (_error, _request, reply) => void sendProblem(reply.headers(SECURITY_HEADERS), nothingHere()),
    clientErrorHandler: answerBrokenRequest,
  });
  server.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  openRequests.watch(server);
  logRequests(server, metrics, log);
  refuseSeveralHosts(server);
  server.addHook('onRequest', originCheck(config.PUBLIC_URL));
  answerErrors(server, log);
  healthRoutes(server, readiness);
  const cookies = new SessionCookies(config.SESSION_KEY);
  const sessions = new Sessions(cookies, openId, log);
  await server.register(cookie);
  await server.register(signInRoutes, { config, openId, cookies, sessions, log });
  await server.register(proxyRoutes, { config, sessions, openRequests, log });
  await server.register(pagesRoutes, { site, issuer: config.OIDC_ISSUER });
  return server;
}

/** For load balancers; the inner port says what is missing. */
function healthRoutes(server: FastifyInstance, readiness: Readiness): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const isReady = (await readiness.missing()).length === 0;
    return reply.status(isReady ? 200 : 503).send({ ready: isReady });
  });
}
