import { describe, expect, it } from '@jest/globals';
import { rateHeaders } from './rate-headers.js';

describe('the headers of an answer', () => {
  it.each([
    [
      { 'ratelimit-limit': '5', 'ratelimit-remaining': '4', 'ratelimit-reset': '1' },
      { limit: 5, remaining: 4, resetMs: 1_000 },
    ],
    [
      { 'ratelimit-limit': '5, 5;w=1', 'ratelimit-remaining': ' 0' },
      { limit: 5, remaining: 0 },
    ],
    [{ 'ratelimit-reset': '999999999' }, { resetMs: 60_000 }],
    [{ 'ratelimit-limit': '-5', 'ratelimit-remaining': 'many', 'ratelimit-reset': '' }, {}],
    [{}, {}],
  ])('%j are read', (headers, rates) => {
    expect(rateHeaders(headers)).toEqual(rates);
  });
});
