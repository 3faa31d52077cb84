import { InvalidEventError } from './errors.js';
import { findJsonError } from './json-position.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Name and values of each header, as published. */
export type Headers = readonly (readonly [name: string, values: readonly string[]])[];

/** Required by CloudEvents. */
const REQUIRED = ['specversion', 'id', 'source', 'type', 'time'];

/**
 * The event in a message: a body that holds all of it, or (CloudEvents' binary mode) a body that is its `data` with the attributes in
 * headers `ce-…`: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md
 * @throws InvalidEventError `too_large`, `invalid_json` or `invalid_event`, with a detail for the author
 */
export function decodeEvent(data: Uint8Array, maxEventBytes: number, headers: Headers = []): unknown {
  if (data.length > maxEventBytes)
    throw new InvalidEventError('too_large', `the event has ${data.length} bytes; at most ${maxEventBytes} are taken`);
  if (data.length === 0) throw new InvalidEventError('invalid_json', 'the message has no body');
  const body = parse(decodeText(data));
  if (headers.length === 0 || isWholeEvent(body)) return body;
  const attributes = attributesIn(headers);
  return attributes ? { ...attributes, data: body } : body;
}

/** A body with this attribute is a complete event, even if headers repeat attributes. */
function isWholeEvent(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'specversion' in body;
}

/** Attributes of an event in binary mode; null when no header belongs to CloudEvents. */
function attributesIn(headers: Headers): Record<string, string> | null {
  const attributes = new Map<string, string>();
  let contentType: string | undefined;
  for (const [written, values] of headers) {
    const name = written.trim().toLowerCase();
    if (name === 'content-type') contentType = values[0];
    else if (name.startsWith('ce-')) attributes.set(name.slice('ce-'.length), textOf(values[0] ?? ''));
  }
  if (attributes.size === 0) return null;
  const missing = REQUIRED.filter((name) => !attributes.has(name)).map((name) => `ce-${name}`);
  if (missing.length > 0) {
    const are = missing.length === 1 ? 'is' : 'are';
    const detail = `${missing.join(', ')} ${are} missing among the headers: an event in binary mode has its attributes there, and its data as the body`;
    throw new InvalidEventError('invalid_event', detail);
  }
  return { ...Object.fromEntries(attributes), ...(contentType !== undefined && { datacontenttype: contentType }) };
}

/** Percent-decoded as in the HTTP binding §3.1.3.2. An invalid encoding is taken literally. */
function textOf(value: string): string {
  const bare = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(.)/gs, '$1') ?? value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidEventError('invalid_json', whatIsWrong(text));
  }
}

function decodeText(data: Uint8Array): string {
  try {
    return utf8.decode(data);
  } catch {
    throw new InvalidEventError('invalid_json', 'the body is not UTF-8');
  }
}

function whatIsWrong(text: string): string {
  const error = findJsonError(text);
  if (!error) return 'the body is not JSON';
  return `the body is not JSON: line ${error.line}, column ${error.column}: expected ${error.expected}`;
}
