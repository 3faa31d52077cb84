import { describe, expect, it } from '@jest/globals';
import { hashOf } from './body-hash.js';

const hex = (value: unknown) => hashOf(value).toString('hex');

describe('hashOf', () => {
  it('does not depend on the order of members, at any depth', () => {
    expect(hex({ a: 1, b: { c: [{ d: 1, e: 2 }], f: null } })).toBe(hex({ b: { f: null, c: [{ e: 2, d: 1 }] }, a: 1 }));
  });

  it('tells apart what differs', () => {
    const values = [undefined, null, '', {}, [], { a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { b: 1 }, 'x'];
    expect(new Set(values.map(hex)).size).toBe(values.length);
  });
});
