import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

interface BodyRoute {
  isBodyRaw?: boolean;
  mediaTypes?: readonly string[];
  isBodyIgnored?: boolean;
  maxBodyBytes?: number;
  maxFileBytes?: number;
}

/** The route takes more than other routes of the service do. */
export const LargeBody = (options: { maxBytes: number }) => RouteConfig({ maxBodyBytes: options.maxBytes });

/**
 * `@Body()` of this route is the `Buffer` that came, byte for byte and unread, for bodies whose sender has signed them:
 * a signature does not survive reading and writing JSON again. Media type, encoding and size are checked as everywhere.
 * @param options `mediaTypes`: what it takes instead of JSON, in lower case
 */
export const RawBody = ({ maxBytes, mediaTypes }: { maxBytes?: number; mediaTypes?: readonly string[] } = {}) =>
  RouteConfig({ isBodyRaw: true, ...(mediaTypes && { mediaTypes }), ...(maxBytes && { maxBodyBytes: maxBytes }) });

export function wantsRawBody({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as BodyRoute | undefined)?.isBodyRaw === true;
}

const JSON_ONLY: readonly string[] = ['application/json'];

export function mediaTypesOf({ routeOptions }: FastifyRequest): readonly string[] {
  return (routeOptions.config as BodyRoute | undefined)?.mediaTypes ?? JSON_ONLY;
}

/**
 * What the route does stands in its path: a body of any type is thrown away. Nothing of a foreign page's request counts then but the path,
 * so a route that needs a sign-in must not be one of these.
 */
export const IgnoresBody = ({ maxBytes }: { maxBytes: number }) =>
  RouteConfig({ isBodyIgnored: true, maxBodyBytes: maxBytes });

export function ignoresBody({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as BodyRoute | undefined)?.isBodyIgnored === true;
}

export function maxBodyBytes(config: unknown): number | undefined {
  return (config as BodyRoute | undefined)?.maxBodyBytes;
}

/** The route takes one file as multipart/form-data. No other route reads such a body. */
export const TakesFile = (options: { maxBytes: number }) => RouteConfig({ maxFileBytes: options.maxBytes });

export function takesFile(request: FastifyRequest): boolean {
  return maxFileBytes(request) !== undefined;
}

export function maxFileBytes({ routeOptions }: FastifyRequest): number | undefined {
  return (routeOptions.config as BodyRoute | undefined)?.maxFileBytes;
}
