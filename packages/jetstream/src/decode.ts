import { InvalidEventError } from './errors.js';
import { findJsonError } from './json-position.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The event in a message's body.
 * @throws InvalidEventError `too_large` or `invalid_json`, with a detail for the author
 */
export function decodeEvent(data: Uint8Array, maxEventBytes: number): unknown {
  if (data.length > maxEventBytes)
    throw new InvalidEventError('too_large', `the event has ${data.length} bytes; at most ${maxEventBytes} are taken`);
  if (data.length === 0) throw new InvalidEventError('invalid_json', 'the message has no body');
  const text = decodeText(data);
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
