import { IDEMPOTENCY_KEY_HEADER, idempotencyKey } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestWithIdentity } from '../identity/access.decorators.js';
import { principalOf } from '../identity/principal.js';
import type { IdempotentRequest } from './idempotent.js';

/** The request with its `Idempotency-Key`, for `idempotent()`. Without a key: 400 `idempotency_key_required`. */
export const RequiredIdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): IdempotentRequest => {
    const request = read(context);
    if (request) return request;
    throw new Problem(
      400,
      'idempotency_key_required',
      'An Idempotency-Key is required',
      'Send the header Idempotency-Key with a new UUID, and the same one when you repeat the request.',
    );
  },
);

/** The same, or null when the client sent no key: a repetition is harmless, or the client's risk. */
export const OptionalIdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => read(context));

function read(context: ExecutionContext): IdempotentRequest | null {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest & RequestWithIdentity>();
  const header = request.headers[IDEMPOTENCY_KEY_HEADER];
  if (header === undefined) return null;
  const key = idempotencyKey.safeParse(header);
  if (!key.success) {
    throw new Problem(
      400,
      'idempotency_key_invalid',
      'The Idempotency-Key cannot be used',
      key.error.issues[0]?.message,
    );
  }
  return {
    key: key.data,
    principal: principalOf(request, http.getResponse<FastifyReply>()),
    route: `${request.method} ${request.routeOptions.url}`,
    body: { params: request.params, query: request.query, body: request.body },
  };
}
