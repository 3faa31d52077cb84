import { describe, expect, it } from '@jest/globals';
import { hashOf, newCode, newToken } from './tokens.js';

const many = <T>(make: () => T) => Array.from({ length: 20_000 }, make);

describe('S27 a token', () => {
  it('S27 has 256 bits and is never the same', () => {
    const tokens = many(newToken);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true);
    expect(hashOf(tokens[0] as string)).toHaveLength(32);
  });
});

describe('a code', () => {
  it('S27 is six digits, each of them as common as any other at every place', () => {
    const codes = many(newCode);
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    for (let place = 0; place < 6; place += 1) {
      const counts = new Map<string, number>();
      for (const code of codes) counts.set(code[place] as string, (counts.get(code[place] as string) ?? 0) + 1);
      expect(counts.size).toBe(10);
      // 2,000 each on average, with a deviation of 42: six of those are met once in 500 million places.
      for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(255);
    }
  });
});
