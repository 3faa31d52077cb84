import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_CONTENT_TYPE } from '@bellhop/contracts/http';
import { nothingHere, Problem, temporarilyUnavailable } from '@bellhop/http';
import { isTransientError } from '@bellhop/postgres';
import { TransientError } from '@bellhop/waiting';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Database } from '../database/database.js';

/** The only place where an error becomes a response: a problem document, never a stack, a query or a driver's text. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  constructor(private readonly database: Database) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.problemOf(error);
    if (reply.sent || reply.raw.headersSent) return;
    reply.headers(problem.headers).status(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem.toDocument());
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const known = problemOfClientError(error);
    if (known) return known;
    if (!this.database.isReady || isTransientError(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = this.database.isReady && error instanceof TransientError ? 'NATS' : 'the database';
      this.log.warn({ message: `request refused: ${what} is away`, reason });
      return temporarilyUnavailable(
        'The service cannot reach its data at the moment. Try again in a few seconds.',
        error,
      );
    }
    const errorId = randomUUID();
    this.log.error({ message: 'request failed', errorId, error });
    return new Problem(
      500,
      'internal_error',
      'Something went wrong on our side',
      `Tell the operator the error id ${errorId}.`,
      {
        instance: `urn:uuid:${errorId}`,
      },
    );
  }
}

const BY_FASTIFY_CODE: Record<string, [code: string, title: string, detail: string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Unsupported media type', 'Send application/json.'],
};

/** What Fastify (body, media type, URL) and Nest (unknown route) refuse on their own. */
function problemOfClientError(error: unknown): Problem | null {
  if (!(error instanceof HttpException) || error.getStatus() > 499) return null;
  const status = error.getStatus();
  // Nest wraps what Fastify throws.
  const known = BY_FASTIFY_CODE[String((error.cause as { code?: unknown } | undefined)?.code)];
  if (known) return new Problem(status, ...known, { cause: error });
  if (status === 404) return nothingHere();
  const title = STATUS_CODES[status] ?? 'The request was refused';
  return new Problem(status, title.toLowerCase().replace(/[^a-z0-9]+/g, '_'), title, undefined, { cause: error });
}
