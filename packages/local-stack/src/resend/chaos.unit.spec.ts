import { describe, expect, it } from '@jest/globals';
import { Chaos, seededRandom } from './chaos.js';

describe('chaos', () => {
  it('draws the same for the same seed, and other things for another', () => {
    const draws = (seed: number) => {
      const chaos = new Chaos({ seed, dropAfter: 0.3, failBefore: 0.3, delayBefore: 0.3 });
      return JSON.stringify(Array.from({ length: 100 }, () => chaos.draw() ?? null));
    };
    expect(draws(1)).toBe(draws(1));
    expect(draws(1)).not.toBe(draws(2));
  });

  it('draws each kind about as often as it was told, and nothing else', () => {
    const chaos = new Chaos({ seed: 3, dropAfter: 0.2, throttle: 0.1 });
    const draws = Array.from({ length: 10_000 }, () => chaos.draw());
    const count = (at: string) => draws.filter((fault) => fault?.at === at).length;
    expect(Math.abs(count('after') - 2_000)).toBeLessThan(200);
    expect(Math.abs(count('before') - 1_000)).toBeLessThan(150);
    expect(count('arrival')).toBe(0);
  });

  it('spreads its numbers evenly from 0 to below 1', () => {
    const random = seededRandom(0);
    const numbers = Array.from({ length: 10_000 }, random);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(Math.abs(numbers.reduce((sum, number) => sum + number) / 10_000 - 0.5)).toBeLessThan(0.02);
  });
});
