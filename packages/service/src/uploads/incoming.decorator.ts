import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { maxFileBytes } from '../http/body.decorators.js';
import { IncomingFile } from './incoming-file.js';

/** The file of a route with `@TakesFile(…)`. */
export const Incoming = createParamDecorator((_: unknown, context: ExecutionContext): IncomingFile => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const maxBytes = maxFileBytes(request);
  if (maxBytes === undefined) throw new Error('@Incoming() needs @TakesFile(…) on the route');
  return new IncomingFile(request.raw, maxBytes);
});
