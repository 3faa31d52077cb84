import { nothingHere } from '@bellhop/http';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problems.js';
import { contentSecurityPolicy } from './csp.js';
import { doorFor, type Site } from './site.js';

/** Pages and the worker are asked for each time, and answered with 304 while they are the same. */
const ASK_EACH_TIME = 'no-cache';
/** Files, and what belongs to programs. */
const NO_PAGE = /\.[a-z0-9]+$|^(api|auth|assets)(\/|$)/i;
/** The name changes with the content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Every path that is nobody else's is a page of the application, which finds out by itself what to show. A file that is missing is 404
 * and never the page: a browser that looks for a script of an older release would get HTML.
 */
export async function pagesRoutes(server: FastifyInstance, { site, issuer }: { site: Site; issuer: string }) {
  const csp = contentSecurityPolicy(issuer);
  await server.register(fastifyStatic, {
    root: site.folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
  });

  const page = (reply: FastifyReply, name: string): FastifyReply =>
    reply
      .headers({
        'cache-control': ASK_EACH_TIME,
        'content-security-policy': csp,
        'cross-origin-opener-policy': 'same-origin',
      })
      .sendFile(name);

  server.get('/assets/*', (request, reply) => {
    const name = `assets/${(request.params as { '*': string })['*']}`;
    if (!site.files.has(name)) return sendProblem(reply, nothingHere());
    return reply.header('cache-control', FOR_EVER).sendFile(name);
  });

  server.get('/t/:link', (request: FastifyRequest<{ Querystring: { lang?: unknown } }>, reply) => {
    const { lang } = request.query;
    const door = doorFor(site, typeof lang === 'string' ? lang : undefined, request.headers['accept-language']);
    return page(reply.header('vary', 'accept-language'), door);
  });

  server.get('/*', (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    if (site.files.has(name) && !name.endsWith('.html'))
      return reply.header('cache-control', ASK_EACH_TIME).sendFile(name);
    if (NO_PAGE.test(name)) return sendProblem(reply, nothingHere());
    return page(reply, 'index.html');
  });
}
