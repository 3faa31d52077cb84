import type { FastifyInstance } from 'fastify';

/**
 * A path parameter `id` is a UUID of ours. UUIDs are written in lower case and read without case (RFC 9562 §4; Swift writes capitals), so
 * they are lowered once, here: codes, policies and keys compare them as text. Ids of other systems, such as `eventId`, are not changed.
 */
export function lowerIds(fastify: FastifyInstance): void {
  fastify.addHook('preValidation', async ({ params }) => {
    const named = params as { id?: string } | undefined;
    if (named?.id !== undefined) named.id = named.id.toLowerCase();
  });
}
