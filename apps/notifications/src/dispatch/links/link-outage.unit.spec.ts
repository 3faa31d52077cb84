import { describe, expect, it } from '@jest/globals';
import { LinkOutage } from './link-outage.js';

describe('an outage of guest-auth', () => {
  it('delays no request while there is none', () => {
    expect(new LinkOutage().waitMs(0, 0.9)).toBe(0);
  });

  it('begins once, however many requests fail, and ends once', () => {
    const outage = new LinkOutage();
    expect([outage.begin(0), outage.begin(2_000), outage.end(), outage.end()]).toEqual([true, false, true, false]);
  });

  it('is probed after a second first, then after as long as it has lasted, at most half a minute', () => {
    const outage = new LinkOutage();
    const pauses = [0, 1_000, 4_000, 20_000, 3_600_000].map((at) => {
      outage.begin(at);
      return outage.waitMs(at, 0);
    });
    expect(pauses).toEqual([1_000, 1_000, 4_000, 20_000, 30_000]);
  });

  it('waits as long as it is asked to, within reason', () => {
    const outage = new LinkOutage();
    outage.begin(0, 7_000);
    expect(outage.waitMs(0, 0)).toBe(7_000);
    outage.begin(0, 9_999_000);
    expect(outage.waitMs(0, 0)).toBe(30_000);
  });

  it('spreads out deliveries that wait, whose waits end by themselves', () => {
    const outage = new LinkOutage();
    outage.begin(0);
    expect(outage.waitMs(400, 0.5)).toBe(1_100);
    expect(outage.waitMs(1_000, 0.5)).toBe(0);
  });

  it('ends with the first answer', () => {
    const outage = new LinkOutage();
    outage.begin(0);
    outage.begin(60_000);
    outage.end();
    expect(outage.waitMs(60_001, 0.5)).toBe(0);
    outage.begin(70_000);
    expect(outage.waitMs(70_000, 0)).toBe(1_000);
  });
});
