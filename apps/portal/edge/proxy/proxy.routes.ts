import { addAbortListener } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { type Log, nothingHere, type OpenRequests, Problem } from '@bellhop/http';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { sendProblem } from '../problems.js';
import type { Sessions } from '../session/sessions.js';
import { requestHeaders } from './request-headers.js';
import { type Upstream, upstreamsOf } from './upstreams.js';

/** How long a service may take until its answer begins; what it then sends may take for ever. */
const ANSWER_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

export interface ProxyParts {
  readonly config: Config;
  readonly sessions: Sessions;
  readonly openRequests: OpenRequests;
  readonly log: Log;
}

/** `/api/<path>` of each service leads to `/<path>` of it, with the session's access token. Everything else below `/api` is 404. */
export async function proxyRoutes(
  server: FastifyInstance,
  { config, sessions, openRequests, log }: ProxyParts,
): Promise<void> {
  await server.register(replyFrom, {
    undici: {
      // No limit, since each request of a client takes one: event streams keep theirs for hours, and behind a limit others would wait.
      connections: null as never,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    },
    destroyAgent: true,
    disableRequestLogging: true,
  });
  // Bodies pass through as they come: services know their limits, and say them.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const accessTokens = new WeakMap<FastifyRequest, string>();
  server.addHook('onRequest', async (request, reply) => {
    const session = await sessions.current(request, reply);
    if (session) accessTokens.set(request, session.accessToken);
  });

  for (const upstream of upstreamsOf(config)) {
    const pass = passTo(upstream, { accessTokens, openRequests, log });
    for (const path of upstream.paths) {
      server.route({ method: METHODS, url: `/api/${path}`, handler: pass });
      server.route({ method: METHODS, url: `/api/${path}/*`, handler: pass });
    }
  }
  server.all('/api/*', (_request, reply) => sendProblem(reply, nothingHere()));
}

const METHODS = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'];

interface Passing {
  /** Of those who are signed in. */
  readonly accessTokens: WeakMap<FastifyRequest, string>;
  readonly openRequests: OpenRequests;
  readonly log: Log;
}

function passTo(upstream: Upstream, { accessTokens, openRequests, log }: Passing) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathOf(request.raw.url ?? '');
    if (path === null) return sendProblem(reply, nothingHere());
    return reply.from(upstream.url + path, {
      rewriteRequestHeaders: (_request, headers) =>
        requestHeaders(request, headers as IncomingHttpHeaders, accessTokens.get(request)),
      rewriteHeaders: withoutConnection,
      // The library would repeat a GET that was answered 503 ten times within milliseconds.
      retryDelay: () => null,
      onResponse: (_request, _reply, answer) => {
        const { stream, headers } = answer as unknown as { stream: Readable; headers: IncomingHttpHeaders };
        if (headers['content-type']?.startsWith('text/event-stream')) endWith(openRequests.streamsEnd, reply, stream);
        reply.send(stream);
      },
      onError: (_reply, { error }) => {
        if (!reply.raw.destroyed) log.warn({ message: `${upstream.name} does not answer`, error });
        sendProblem(reply, serviceUnavailable());
      },
    });
  };
}

/**
 * The path at the service, without the query, which the library adds. Null for a path that would be another one after reading it as a URL: dots and backslashes must not
 * lead out of the part that the route has checked.
 */
function pathOf(url: string): string | null {
  const [path = ''] = url.split('?', 1);
  const isPlain = URL.canParse(path, 'http://edge') && new URL(path, 'http://edge').pathname === path;
  const leadsOut = decodeURIComponent(path)
    .split(/[/\\]/)
    .some((part) => part === '.' || part === '..');
  return isPlain && !leadsOut ? path.slice('/api'.length) : null;
}

function serviceUnavailable(): Problem {
  const detail = 'A part of the service is away for a moment. Try again in a few seconds.';
  return new Problem(503, 'service_unavailable', 'Temporarily unavailable', detail, {
    headers: { 'retry-after': '5' },
  });
}

function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, 'keep-alive': __, ...rest } = headers;
  return rest;
}

/** Ends an event stream in good order when the process shuts down. */
function endWith(streamsEnd: AbortSignal, reply: FastifyReply, stream: Readable): void {
  const listening = addAbortListener(streamsEnd, () => reply.raw.end(() => stream.destroy()));
  reply.raw.once('close', () => listening[Symbol.dispose]());
}
