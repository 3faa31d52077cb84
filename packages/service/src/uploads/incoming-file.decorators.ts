import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { IncomingFile } from './incoming-file.js';

interface FileRoute {
  maxFileBytes?: number;
}

/** The route takes one file as multipart/form-data. No other route reads such a body. */
export const TakesFile = (options: { maxBytes: number }) => RouteConfig({ maxFileBytes: options.maxBytes });

/** The file of a route with `@TakesFile(…)`. */
export const Incoming = createParamDecorator((_: unknown, context: ExecutionContext): IncomingFile => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const maxBytes = maxFileBytes(request);
  if (maxBytes === undefined) throw new Error('@Incoming() needs @TakesFile(…) on the route');
  return new IncomingFile(request.raw, maxBytes);
});

export function takesFile(request: FastifyRequest): boolean {
  return maxFileBytes(request) !== undefined;
}

function maxFileBytes({ routeOptions }: FastifyRequest): number | undefined {
  return (routeOptions.config as FileRoute | undefined)?.maxFileBytes;
}
