import type { IncomingHttpHeaders } from 'node:http';
import { PushProblem } from './problems.js';

/** The headers of a push as they were sent, null where there was none. */
export interface PushHeaders {
  ttl: string | null;
  topic: string | null;
  urgency: string | null;
  contentType: string | null;
  contentEncoding: string | null;
}

/** RFC 8030, 7.2: what every service takes at least, and what most take at most. */
export const MOST_BYTES = 4_096;
/** Services shorten what is longer: https://mozilla-services.github.io/autopush-rs/ */
const LONGEST_TTL_SECONDS = 30 * 24 * 60 * 60;
const URGENCIES = ['very-low', 'low', 'normal', 'high'];

export function headersOf(headers: IncomingHttpHeaders): PushHeaders {
  const value = (name: string) => (headers[name] as string | undefined) ?? null;
  return {
    ttl: value('ttl'),
    topic: value('topic'),
    urgency: value('urgency'),
    contentType: value('content-type'),
    contentEncoding: value('content-encoding'),
  };
}

/**
 * RFC 8030, 5.2 to 5.4, and RFC 8291, 4.
 * @param bytes of the body; a push without one wakes the browser, and is not encrypted
 * @returns for how many seconds the push is kept for a device that is away
 * @throws PushProblem
 */
export function checkHeaders({ ttl, topic, urgency, contentEncoding }: PushHeaders, bytes: number): number {
  if (bytes > MOST_BYTES) throw new PushProblem(413, 'PayloadTooLarge', `The body has more than ${MOST_BYTES} bytes.`);
  if (ttl === null) throw new PushProblem(400, 'MissingTtl', 'There is no header TTL.');
  if (!/^\d{1,10}$/.test(ttl)) throw new PushProblem(400, 'BadTtl', 'The header TTL is no number of seconds.');
  if (topic !== null && !/^[\w-]{1,32}$/.test(topic))
    throw new PushProblem(400, 'BadTopic', 'The header Topic is not made of 1 to 32 characters of base64url.');
  if (urgency !== null && !URGENCIES.includes(urgency))
    throw new PushProblem(400, 'BadUrgency', `The header Urgency is none of ${URGENCIES.join(', ')}.`);
  if (bytes > 0 && contentEncoding !== 'aes128gcm')
    throw new PushProblem(400, 'BadEncoding', 'The header Content-Encoding is not aes128gcm.');
  return Math.min(Number(ttl), LONGEST_TTL_SECONDS);
}
