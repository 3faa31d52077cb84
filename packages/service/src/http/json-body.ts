import { Problem } from '@bellhop/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ignoresBody, maxBodyBytes, mediaTypesOf, takesFile, wantsRawBody } from './body.decorators.js';
import { bytesOf } from './body-bytes.js';
import { refuseDeep } from './json-depth.js';
import { notMultipart } from './upload-problems.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const MULTIPART = /^multipart\/form-data\s*(;|$)/i;

/** A body that is not read yet: its sender may have no right to send it. `ReadBodyInterceptor` reads it after the guard. */
export class UnreadBody {
  /** @throws Problem 400, 413, 415, 422 */
  constructor(readonly read: () => Promise<unknown>) {}
}

/**
 * The only body that is read is JSON in UTF-8 (RFC 8259 §8.1), uncompressed: a small body could unpack to a gigabyte. Everything else is
 * 415. A browser's form can send three types, and JSON is none of them, so a foreign page needs our permission (CORS) to send anything.
 * An empty body counts as none, whatever its type.
 *
 * Routes that take a file get multipart/form-data too, unread, and a raw body may be of another type. Two of those may be among the three
 * types: there only the origin check stops a foreign page.
 */
export function readJsonOnly(fastify: FastifyInstance): void {
  const parser = fastify.getDefaultJsonParser('error', 'error');
  const parse = (request: FastifyRequest, text: string) =>
    new Promise<unknown>((resolve, reject) => {
      parser(request, text, (error, value) => (error ? reject(error) : resolve(value)));
    });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest) => new UnreadBody(() => read(request, parse)));
  fastify.addHook('onRoute', (route) => {
    const limit = maxBodyBytes(route.config);
    if (limit !== undefined) route.bodyLimit = limit;
  });
  forgetTypeOfNothing(fastify);
  leaveFilesUnread(fastify);
}

async function read(
  request: FastifyRequest,
  parse: (request: FastifyRequest, text: string) => Promise<unknown>,
): Promise<unknown> {
  if (takesFile(request)) throw notMultipart();
  if (ignoresBody(request)) return void (await bytesOf(request.raw, request.routeOptions.bodyLimit));
  const types = mediaTypesOf(request);
  const isTaken = types.includes(typeOf(request).split(';', 1)[0]?.trim().toLowerCase() ?? '');
  // A chunked body may turn out to be empty.
  if (!isTaken && request.headers['transfer-encoding'] === undefined) throw unsupportedMediaType(types);
  refuseEncoding(request.headers['content-encoding']);
  const body = await bytesOf(request.raw, request.routeOptions.bodyLimit);
  if (!isTaken && body.length > 0) throw unsupportedMediaType(types);
  if (wantsRawBody(request)) return body;
  refuseDeep(body);
  const text = decode(body);
  if (text === '') return undefined;
  return parse(request, text).catch((cause: unknown) => {
    throw isWellFormed(text) ? forbiddenMember(cause) : malformed('Check quotes, commas and brackets.', cause);
  });
}

/**
 * Without Content-Length and Transfer-Encoding there is no body (RFC 9112 §6.3), but many clients name a type with every request:
 * Fastify would look for its parser.
 */
function forgetTypeOfNothing(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    const { headers } = request.raw;
    const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    if (isEmpty && !takesFile(request) && !wantsRawBody(request)) delete headers['content-type'];
  });
}

/** Refused in a hook: what a parser throws closes the connection at once, often before its reason has been read. */
function leaveFilesUnread(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', async (request: FastifyRequest) => {
    if (request.is404 || !MULTIPART.test(typeOf(request))) return;
    if (ignoresBody(request)) return;
    if (!takesFile(request)) throw unsupportedMediaType(mediaTypesOf(request));
    refuseEncoding(request.headers['content-encoding']);
  });
  fastify.addContentTypeParser('multipart/form-data', async (request: FastifyRequest) => {
    if (ignoresBody(request)) await bytesOf(request.raw, request.routeOptions.bodyLimit);
  });
}

function typeOf({ headers }: FastifyRequest): string {
  return headers['content-type']?.trim() ?? '';
}

function unsupportedMediaType(types: readonly string[]): Problem {
  return new Problem(415, 'unsupported_media_type', 'Unsupported media type', `Send ${types.join(' or ')}.`);
}

function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  const detail = 'Send the body as it is, without the header Content-Encoding.';
  throw new Problem(415, 'unsupported_content_encoding', 'Unsupported content encoding', detail);
}

function decode(body: Buffer): string {
  try {
    return UTF8.decode(body);
  } catch (cause) {
    throw malformed('It is not even UTF-8. Send JSON in UTF-8.', cause);
  }
}

function isWellFormed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem(400, 'malformed_json', 'The body is not JSON', detail, { cause });
}

/** Valid JSON that would change the prototype of objects. */
function forbiddenMember(cause: unknown): Problem {
  const detail = 'Leave the members `__proto__` and `constructor.prototype` out.';
  return new Problem(400, 'forbidden_member', 'The body has a member that is not allowed', detail, { cause });
}
