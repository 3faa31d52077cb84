import { expect, it } from '@jest/globals';
import { RefusalCache } from './refusal-cache.js';

it('a refusal is cached for a second, and counts down meanwhile', () => {
  let now = 0;
  const refusals = new RefusalCache(() => now);
  refusals.add('a', 900);
  expect([refusals.secondsLeft('a'), refusals.secondsLeft('b')]).toEqual([900, null]);
  now = 999;
  refusals.add('b', 60);
  expect(refusals.secondsLeft('a')).toBe(900);
  now = 1_000;
  expect([refusals.secondsLeft('a'), refusals.secondsLeft('b')]).toEqual([null, 60]);
  refusals.add('b', 59);
  now = 1_500;
  expect(refusals.secondsLeft('b')).toBe(59);
});
