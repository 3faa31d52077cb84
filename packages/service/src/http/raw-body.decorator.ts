import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/**
 * `@Body()` of this route is the `Buffer` that came, byte for byte and unread, for bodies whose sender has signed them:
 * a signature does not survive reading and writing JSON again. Media type, encoding and size are checked as everywhere.
 */
export const RawBody = () => RouteConfig({ isBodyRaw: true });

export function wantsRawBody({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { isBodyRaw?: boolean }).isBodyRaw === true;
}
