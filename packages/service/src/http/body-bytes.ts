import type { IncomingMessage } from 'node:http';
import { Problem } from '@bellhop/http';

/**
 * All bytes of a body. What is announced as too large is refused unread; what follows a refusal is thrown away as it comes, so that
 * its sender sees the answer (`late-bodies.ts` ends that).
 *
 * @throws Problem 413 `body_too_large`, 400 `request_interrupted`
 */
export function bytesOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge(maxBytes));
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      reject(tooLarge(maxBytes));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    for (const end of ['error', 'close'] as const) request.once(end, () => reject(interrupted()));
    if (request.destroyed) reject(interrupted());
  });
}

function tooLarge(maxBytes: number): Problem {
  const detail = `The body of this request may have ${maxBytes} bytes. Send less at once.`;
  return new Problem(413, 'body_too_large', 'The body is too large', detail, { maxBytes });
}

/** Nobody reads it: the client has disconnected. */
function interrupted(): Problem {
  return new Problem(400, 'request_interrupted', 'The request was interrupted', 'Send the whole request again.');
}
