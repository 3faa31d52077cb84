import type { FastifyInstance } from 'fastify';

/**
 * A part of a path that is called `id` is a UUID of ours. UUIDs are written small and read without case (RFC 9562 §4; Swift writes
 * them in capitals), so they are lowered here once: codes, policies and keys compare them as text. Ids of other systems, such as
 * `eventId`, stay as they are.
 */
export function lowerIds(fastify: FastifyInstance): void {
  fastify.addHook('preValidation', async ({ params }) => {
    const named = params as { id?: string } | undefined;
    if (named?.id !== undefined) named.id = named.id.toLowerCase();
  });
}
