import type { FastifyInstance, FastifyRequest } from 'fastify';
import { takesFile } from '../uploads/incoming-file.decorators.js';
import { Problem } from './problem.js';
import { wantsRawBody } from './raw-body.decorator.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The only body that is read is JSON in UTF-8 (RFC 8259 §8.1), and not compressed: what unpacks to a gigabyte would.
 * Everything else is 415. A browser's form can send three types, none of them this one, so a foreign page needs our
 * permission before it can send anything at all.
 *
 * Routes that take a file get multipart/form-data too, unread. That is one of those three types: there the origin check
 * alone stands between a foreign page and us.
 */
export function readJsonOnly(fastify: FastifyInstance): void {
  const parser = fastify.getDefaultJsonParser('error', 'error');
  const parse = (request: FastifyRequest, text: string) =>
    new Promise<unknown>((resolve, reject) => {
      parser(request, text, (error, value) => (error ? reject(error) : resolve(value)));
    });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      refuseEncoding(request.headers['content-encoding']);
      if (wantsRawBody(request)) return body;
      const text = decode(body);
      if (text === '') throw malformed('The body is empty; send at least {}.');
      return parse(request, text).catch((cause: unknown) => {
        throw isJson(text) ? forbiddenMember(cause) : malformed('Check quotes, commas and brackets.', cause);
      });
    },
  );
  leaveFilesUnread(fastify);
}

/** Refused in a hook: what a parser throws closes the connection at once, often before its reason has been read. */
function leaveFilesUnread(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', async (request: FastifyRequest) => {
    if (request.is404 || !isMultipart(request)) return;
    if (!takesFile(request)) throw unsupportedMediaType();
    refuseEncoding(request.headers['content-encoding']);
  });
  fastify.addContentTypeParser('multipart/form-data', async () => undefined);
}

function isMultipart({ headers }: FastifyRequest): boolean {
  return /^multipart\/form-data\s*(;|$)/i.test(headers['content-type']?.trim() ?? '');
}

function unsupportedMediaType(): Problem {
  return new Problem(415, 'unsupported_media_type', 'Unsupported media type', 'Send application/json.');
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

function isJson(text: string): boolean {
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

/** JSON, but it would change the prototype of every object. */
function forbiddenMember(cause: unknown): Problem {
  const detail = 'Leave the members `__proto__` and `constructor.prototype` out.';
  return new Problem(400, 'forbidden_member', 'The body has a member that is not allowed', detail, { cause });
}
