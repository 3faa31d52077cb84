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

  it('reports line and column of invalid JSON, and quotes nothing of it', () => {
    const error = complaintOf(bytes('{\n "email": jana@example.com }'));
    expect(error.reason).toBe('invalid_json');
    expect(error.detail).toBe('the body is not JSON: line 2, column 11: expected value');
    expect(error.detail).not.toContain('jana');
  });

  it('distinguishes an empty body and a body that is not UTF-8 from invalid JSON', () => {
    expect(complaintOf(new Uint8Array())).toMatchObject({ reason: 'invalid_json', detail: 'the message has no body' });
    expect(complaintOf(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      reason: 'invalid_json',
      detail: 'the body is not UTF-8',
    });
  });
});

describe('an event in binary mode', () => {
  const headers = (all: Record<string, string>) => Object.entries(all).map(([name, value]) => [name, [value]] as const);
  const ATTRIBUTES = {
    'ce-specversion': '1.0',
    'ce-id': 'evt-1',
    'ce-source': 'urn:example:crm',
    'ce-type': 'ticket.replied.v1',
    'ce-time': '2026-11-22T10:15:30Z',
  };
  const read = (all: Record<string, string>, body = '{"ticket":{}}') => decodeEvent(bytes(body), 1_000, headers(all));
  const event = {
    specversion: '1.0',
    id: 'evt-1',
    source: 'urn:example:crm',
    type: 'ticket.replied.v1',
    time: '2026-11-22T10:15:30Z',
    data: { ticket: {} },
  };

  it('has its attributes in headers, and its data as the body', () => {
    expect(read(ATTRIBUTES)).toEqual(event);
  });

  it('may write the names of headers as it likes, and say more than is needed', () => {
    const shouted = Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, value]) => [name.toUpperCase(), value]));
    expect(read({ ...shouted, 'CE-Subject': '48213', 'Content-Type': 'application/json; charset=utf-8' })).toEqual({
      ...event,
      subject: '48213',
      datacontenttype: 'application/json; charset=utf-8',
    });
  });

  it.each([
    ['urn%3Aexample%3Acrm', 'urn:example:crm'],
    ['"urn:example:crm"', 'urn:example:crm'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['100%', '100%'],
    ['%E2%82', '%E2%82'],
  ])('has values that are percent-encoded: %s is %s', (value, meant) => {
    expect(read({ ...ATTRIBUTES, 'ce-source': value })).toMatchObject({ source: meant });
  });

  it.each(Object.keys(ATTRIBUTES))('says that %s is missing', (name) => {
    const { [name]: _, ...others } = ATTRIBUTES as Record<string, string>;
    expect(() => read(others)).toThrow(`invalid_event: ${name} is missing among the headers: an event in binary mode`);
  });

  it('is none where the body holds the whole event, whatever the headers say', () => {
    const whole = JSON.stringify(event);
    expect(read({ ...ATTRIBUTES, 'ce-id': 'another' }, whole)).toEqual(event);
    expect(read({ 'ce-id': 'another' }, whole)).toEqual(event);
    expect(read({ 'Content-Type': 'application/cloudevents+json' }, whole)).toEqual(event);
  });

  it('is none without a header of CloudEvents', () => {
    expect(read({ 'X-Request-Id': '7', 'Content-Type': 'application/json' }, '{"a":1}')).toEqual({ a: 1 });
  });

  it('has no attribute that becomes anything but a member of the event', () => {
    const read = decodeEvent(bytes('{}'), 1_000, headers({ ...ATTRIBUTES, 'ce-__proto__': 'x', 'ce-data': 'y' }));
    expect((read as { data: unknown }).data).toEqual({});
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});
