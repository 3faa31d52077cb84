import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { PushFault, PushFaultAnswer } from './faults.js';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const HUGE_BYTES = 10_000_000;
const CHUNK = Buffer.alloc(64_000, ' ');
const BYTE_MS = 100;

export function write(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body);
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${JSON.stringify(value)}\n` };
}

export interface Usual {
  /** What would be answered; `huge` and `slow` begin like it. */
  usual: Answer;
  /** An answer that `response` knows nothing of is out. */
  onAnswered(status: number): void;
}

/** Does what a rule says. @returns whether the request has met its end here */
export async function misbehave(
  fault: PushFault,
  response: ServerResponse,
  { usual, onAnswered }: Usual,
): Promise<boolean> {
  if (fault.delayMs) await pause(fault.delayMs);
  const { answer, at } = fault;
  if (answer === undefined) return false;
  if (answer === 'drop') at === 'arrival' ? response.socket?.resetAndDestroy() : response.destroy();
  else if (answer === 'hang') {
    // Until the client has had enough.
    if (!response.destroyed) await once(response, 'close');
  } else if (answer === 'huge') await writeHuge(response, usual);
  else if (answer === 'slow') {
    if (await writeSlowly(response, usual, fault.byteMs ?? BYTE_MS)) onAnswered(usual.status);
  } else write(response, answerOf(answer));
  return true;
}

/** In one sentence, for whoever reads what became of a push. */
export function describe({ answer }: PushFault): string {
  return typeof answer === 'object' ? `Told to answer ${answer.status}.` : `Told to misbehave: ${answer}.`;
}

function answerOf({ status, body, retryAfterSeconds, location, headers }: PushFaultAnswer): Answer {
  const extra = {
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    ...(location !== undefined && { location }),
    ...headers,
  };
  if (typeof body === 'string') return { status, headers: { 'content-type': 'text/plain', ...extra }, body };
  return json(status, body ?? { reason: 'ToldTo', message: 'Told to answer so.' }, extra);
}

async function writeHuge(response: ServerResponse, { status, headers }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain', 'content-length': String(HUGE_BYTES) });
  // A client that has read enough goes away.
  await pipeline(Readable.from(hugeBody()), response).catch(() => undefined);
}

function* hugeBody(): Generator<Buffer> {
  for (let left = HUGE_BYTES; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

/** Past `response`, so that the head comes slowly, too. @returns whether the client has stayed to the end */
async function writeSlowly({ socket }: ServerResponse, { status, headers }: Answer, byteMs: number): Promise<boolean> {
  const lines = Object.entries({ ...headers, 'content-length': '0', connection: 'close' });
  const head = [`HTTP/1.1 ${status} Slow`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  for (const byte of head) {
    if (!socket || socket.destroyed) return false;
    socket.write(byte);
    await pause(byteMs);
  }
  socket?.end();
  return true;
}
