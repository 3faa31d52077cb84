import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import {
  answerBrokenRequest,
  logRequests,
  type Metrics,
  nothingHere,
  type OpenRequests,
  originCheck,
  refuseSeveralHosts,
  SECURITY_HEADERS,
  trustOf,
} from '@bellhop/http';
import cookie from '@fastify/cookie';
import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { readJsonOnly } from './json-body.js';
import { endLateBodies, UPLOAD_PATIENCE_MS } from './late-bodies.js';
import { lowerIds } from './lower-ids.js';

/** 20,000 characters of text, each of them escaped, and what stands around them. */
const DEFAULT_BODY_LIMIT_BYTES = 128 * 1024;
/** Node knows one limit for the heads of all requests, and one for the whole of them; the bodies' own are in `late-bodies.ts`. */
const HEAD_TIMEOUT_MS = 30_000;
/** An e-mail address (254 characters, some of them percent-encoded) fits into one part of a path. */
const MAX_PARAM_LENGTH = 400;

export interface HttpServerOptions {
  publicUrl: string;
  openRequests: OpenRequests;
  metrics: Metrics;
  bodyLimitBytes?: number;
  /** Addresses or CIDRs whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
}

/** Fastify as every service uses it. Proxy headers are believed of trusted proxies only, and no answer is cached or sniffed. */
export function httpServer({ publicUrl, openRequests, metrics, ...options }: HttpServerOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    requestTimeout: UPLOAD_PATIENCE_MS,
    forceCloseConnections: true,
    trustProxy: options.trustedProxies?.length ? trustOf(options.trustedProxies) : false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A path that cannot be decoded, or with a part that is too long, never reaches Nest and its filter.
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) =>
      reply.headers(SECURITY_HEADERS).status(404).type(PROBLEM_CONTENT_TYPE).send(nothingHere().toDocument()),
    clientErrorHandler: answerBrokenRequest,
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  fastify.server.headersTimeout = HEAD_TIMEOUT_MS;
  void fastify.register(cookie as never);
  readJsonOnly(fastify as never);
  lowerIds(fastify as never);
  endLateBodies(fastify as never);
  openRequests.watch(fastify as never);
  logRequests(fastify as never, metrics, new Logger('http'));
  refuseSeveralHosts(fastify as never);
  fastify.addHook('onRequest', originCheck(publicUrl));
  return adapter;
}
