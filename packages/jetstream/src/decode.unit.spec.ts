import { describe, expect, it } from '@jest/globals';
import { decodeEvent } from './decode.js';
import { InvalidEventError } from './errors.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function complaintOf(data: Uint8Array, limit = 1_000): InvalidEventError {
  try {
    decodeEvent(data, limit);
  } catch (error) {
    if (error instanceof InvalidEventError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('decodeEvent', () => {
  it('gives the parsed body, with or without a byte order mark', () => {
    expect(decodeEvent(bytes('{"a":"zażółć"}'), 1_000)).toEqual({ a: 'zażółć' });
    expect(decodeEvent(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('{}')]), 1_000)).toEqual({});
  });

  it('takes an event of exactly the limit and refuses one byte more, saying both sizes', () => {
    const exactly = bytes(JSON.stringify('x'.repeat(98)));
    expect(decodeEvent(exactly, 100)).toHaveLength(98);
    const error = complaintOf(new Uint8Array(101), 100);
    expect(error).toMatchObject({ reason: 'too_large', detail: 'the event has 101 bytes; at most 100 are taken' });
  });

  it('tells line and column of what is no JSON, and quotes nothing of it', () => {
    const error = complaintOf(bytes('{\n "email": jana@example.com }'));
    expect(error.reason).toBe('invalid_json');
    expect(error.detail).toBe('the body is not JSON: line 2, column 11: expected value');
    expect(error.detail).not.toContain('jana');
  });

  it('tells an empty body and a body that is not UTF-8 from bad JSON', () => {
    expect(complaintOf(new Uint8Array())).toMatchObject({ reason: 'invalid_json', detail: 'the message has no body' });
    expect(complaintOf(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      reason: 'invalid_json',
      detail: 'the body is not UTF-8',
    });
  });
});
