import { publisherOf, TRUNCATED_EVENT_BYTES } from '@bellhop/contracts/events';
import {
  DEAD_LETTER_HEADERS,
  type DeadLetterReason,
  deadLetterSubject,
  type ServiceName,
} from '@bellhop/contracts/streams';
import type { Delivery } from './delivery.js';
import { oneLine } from './errors.js';
import { plainHeaders } from './event-context.js';
import type { OutgoingMessage } from './publisher.js';

/** A publisher's headers above this size are left out, to leave space for the body. */
const MAX_KEPT_HEADER_BYTES = 16 * 1024;
const MAX_DETAIL_LENGTH = 1_000;
/** The protocol line and the status line of the headers. */
const FRAME_BYTES = 64;

export interface DeadLetterInput {
  service: ServiceName;
  delivery: Delivery;
  reason: DeadLetterReason;
  detail: string;
  /** The server's limit for headers and body together. */
  maxPayloadBytes: number;
}

/**
 * The original bytes and headers, plus reason and origin. Its id is the original's position in its stream, so that writing it
 * twice stores it once. A body that does not fit is cut, and `Bellhop-Truncated` has its true size in bytes.
 */
export function deadLetterOf(input: DeadLetterInput): OutgoingMessage {
  const { stream, sequence } = input.delivery.position;
  const id = `${stream}:${sequence}`;
  const own = Object.fromEntries(plainHeaders(input.delivery));
  const ownBytes = sizeOfHeaders(own);
  const isKept = ownBytes <= MAX_KEPT_HEADER_BYTES;
  const leftOut = isKept ? '' : ` (its own headers, ${ownBytes} bytes, are left out)`;
  const headers = { ...(isKept ? own : {}), ...controlHeaders(input, leftOut) };
  const { data } = input.delivery;
  const spaceBytes = input.maxPayloadBytes - sizeOfHeaders({ ...headers, 'Nats-Msg-Id': id }) - FRAME_BYTES;
  const keptBytes = Math.min(input.reason === 'too_large' ? TRUNCATED_EVENT_BYTES : data.length, spaceBytes);
  const isCut = keptBytes < data.length;
  return {
    subject: deadLetterSubject(input.service, publisherOf(input.delivery.subject), input.reason),
    id,
    data: isCut ? data.subarray(0, Math.max(keptBytes, 0)) : data,
    headers: isCut ? { ...headers, [DEAD_LETTER_HEADERS.truncated]: String(data.length) } : headers,
  };
}

function controlHeaders({ delivery, reason, detail }: DeadLetterInput, leftOut: string): Record<string, string> {
  return {
    [DEAD_LETTER_HEADERS.reason]: reason,
    [DEAD_LETTER_HEADERS.detail]: oneLine(detail, MAX_DETAIL_LENGTH) + leftOut,
    [DEAD_LETTER_HEADERS.stream]: delivery.position.stream,
    [DEAD_LETTER_HEADERS.sequence]: String(delivery.position.sequence),
    [DEAD_LETTER_HEADERS.subject]: delivery.subject,
    [DEAD_LETTER_HEADERS.time]: delivery.position.storedAt.toISOString(),
  };
}

function sizeOfHeaders(headers: Record<string, string | readonly string[]>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers))
    for (const one of typeof value === 'string' ? [value] : value)
      bytes += Buffer.byteLength(name) + Buffer.byteLength(one) + ': \r\n'.length;
  return bytes;
}

/** Bytes that the letter uses in the stream. */
export function sizeOfLetter({ data, headers }: OutgoingMessage): number {
  return data.length + sizeOfHeaders(headers ?? {});
}

/** Only reason and origin, with the original size of the body. */
export function withoutBody(letter: OutgoingMessage, sizeBytes: number): OutgoingMessage {
  const ours = Object.entries(letter.headers ?? {}).filter(([name]) => name.startsWith('Bellhop-'));
  const headers = { ...Object.fromEntries(ours), [DEAD_LETTER_HEADERS.truncated]: String(sizeBytes) };
  return { ...letter, data: new Uint8Array(), headers };
}
