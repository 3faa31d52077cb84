import { describe, expect, it } from '@jest/globals';
import { hashOf } from './body-hash.js';

const hex = (value: unknown) => hashOf(value).toString('hex');

describe('hashOf', () => {
  it('does not depend on the order of members, at any depth', () => {
    expect(hex({ a: 1, b: { c: [{ d: 1, e: 2 }], f: null } })).toBe(hex({ b: { f: null, c: [{ e: 2, d: 1 }] }, a: 1 }));
  });

  it('refuses what is nested deeper than 64 levels, however deep, instead of running out of stack', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(hex(nested(64))).toHaveLength(64);
    for (const depth of [65, 4_000, 100_000]) {
      expect(() => hashOf(nested(depth))).toThrow(expect.objectContaining({ status: 422, code: 'body_too_deep' }));
    }
  });

  it('tells apart what differs', () => {
    const values = [undefined, null, '', {}, [], { a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { b: 1 }, 'x'];
    expect(new Set(values.map(hex)).size).toBe(values.length);
  });
});
