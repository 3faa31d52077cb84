import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** What proxies read: that nothing of it is stored, compressed or gathered. */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Takes the response from Fastify and begins it. Null where there is nobody to stream to: the client has gone while it was asked who it
 * is, or asks for the headers alone (HEAD). Such a request is answered, so that those who count open ones forget it.
 */
export function beginResponse(reply: FastifyReply): ServerResponse | null {
  const { raw } = reply;
  if (isGone(raw) || reply.request.method === 'HEAD') {
    void reply.headers(HEADERS).send('');
    return null;
  }
  reply.hijack();
  // On the reply, where the request log looks: `writeHead` keeps none.
  reply.headers(HEADERS);
  raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  return raw;
}

function isGone({ destroyed, closed, socket }: ServerResponse): boolean {
  return destroyed || closed || socket === null || socket.destroyed;
}

/** The hint that the reader has had last, by its header; undefined for a new one, and for anything that no stream of ours has sent. */
export function lastEventIdOf({ request }: FastifyReply): number | undefined {
  const [text] = [request.headers['last-event-id']].flat();
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
