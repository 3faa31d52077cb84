import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import { type Log, nothingHere, Problem } from '@bellhop/http';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Answers with a problem document, unless something was answered already. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (reply.sent || reply.raw.headersSent) return reply;
  return reply
    .headers(problem.headers)
    .status(problem.status)
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problem.toDocument()));
}

/** The only place where an error becomes an answer: never a stack or the text of a library. */
export function answerErrors(server: FastifyInstance, log: Log): void {
  server.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingHere()));
  server.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error, log)));
}

function problemOf(error: unknown, log: Log): Problem {
  if (error instanceof Problem) return error;
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const title = STATUS_CODES[status] ?? 'The request was refused';
    const code = title.toLowerCase().replace(/[^a-z0-9]+/g, '_');
    return status === 404 ? nothingHere() : new Problem(status, code, title, undefined, { cause: error });
  }
  const errorId = randomUUID();
  log.error({ message: 'request failed', errorId, error });
  const detail = `Tell the operator the error id ${errorId}.`;
  const instance = `urn:uuid:${errorId}`;
  return new Problem(500, 'internal_error', 'Something went wrong on our side', detail, { instance });
}
