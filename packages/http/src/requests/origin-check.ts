import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import type { onRequestAsyncHookHandler } from 'fastify';
import { Problem } from './problem.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses an unsafe method that a foreign page sent (cross-site request forgery). Browsers add `Origin` to every such
 * request and pages cannot change it; scripts and other servers send none and are let through.
 */
export function originCheck(publicUrl: string): onRequestAsyncHookHandler {
  const ownOrigin = new URL(publicUrl).origin;
  return async (request, reply) => {
    const { origin } = request.headers;
    if (SAFE_METHODS.has(request.method) || origin === undefined || origin === ownOrigin) return;
    const problem = new Problem(403, 'foreign_origin', 'Not from our pages', `Only pages of ${ownOrigin} may do this.`);
    return reply.status(403).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
  };
}
