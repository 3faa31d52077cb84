import { cursor } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { decodeCursor, decodeVersion, encodeCursor, encodeVersion } from './ticket-cursor.js';

const position = { updatedAt: new Date('2026-11-22T10:15:30.123Z'), id: '0199f3a0-2b1c-4b0a-8c55-6f0d2f7f1a90' };

const of = (text: string) => Buffer.from(text).toString('base64url');

describe('the cursor of a list', () => {
  it('decodes to the position it was made of', () => {
    for (const rank of [0, 1]) expect(decodeCursor(encodeCursor({ ...position, rank }))).toEqual({ ...position, rank });
    expect(decodeCursor(encodeCursor(position))).toEqual({ ...position, rank: 0 });
  });

  it('of a release without parts is in the last one', () => {
    expect(decodeCursor(of(`1795342530123.${position.id}`))).toMatchObject({ id: position.id, rank: 0 });
  });

  it('has the shape of the contract', () => {
    expect(cursor.safeParse(encodeCursor(position)).success).toBe(true);
  });

  it('of a conversation decodes to its version, and is none of a list', () => {
    for (const version of [1, 500]) expect(decodeVersion(encodeVersion(version))).toBe(version);
    const invalid = expect.objectContaining({ status: 400, code: 'invalid_cursor' });
    for (const text of [encodeCursor(position), of('v-1'), of('v1\n'), of('v1234567890'), '']) {
      expect(() => decodeVersion(text)).toThrow(invalid);
    }
    expect(() => decodeCursor(encodeVersion(1))).toThrow(invalid);
  });

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['somebody’s own text', of('hello')],
    ['no id', of('1795342530123.')],
    ['no time', of(`.${position.id}`)],
    ['an id in capitals', of(`1795342530123.${position.id.toUpperCase()}`)],
    ['SQL', of(`1795342530123.${position.id}' or true--`)],
    ['a line behind', of(`1795342530123.${position.id}\n`)],
    ['a time beyond all calendars', of(`999999999999999.${position.id}`)],
  ])('is refused when it holds %s', (_what, text) => {
    expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_cursor' }));
  });
});
