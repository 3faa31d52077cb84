import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RateHeaders, ResendLimits, rateHeaders } from './limits.js';

const start = (maxInFlight = 10) => {
  const clock = { ms: 1_000 };
  const limits = new ResendLimits(maxInFlight, () => clock.ms);
  /** One request, begun and answered at once. */
  const call = (headers?: RateHeaders, isTaken = true) => {
    limits.begin();
    limits.end(headers, isTaken);
  };
  return { clock, limits, call };
};
const of = (limit: number, remaining: number, resetMs = 1_000): RateHeaders => ({ limit, remaining, resetMs });

describe('what may be sent', () => {
  it('is one request before the first answer, and none while that is on the way', () => {
    const { limits } = start();
    expect(limits.allowance()).toEqual({ calls: 1, againInMs: 0 });
    limits.begin();
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 50 });
  });

  it('is one request a second as long as nobody answers', () => {
    const { limits, call, clock } = start();
    call(undefined, false);
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 1_000 });
    clock.ms += 1_000;
    expect(limits.allowance().calls).toBe(1);
  });

  it('is what the newest answer leaves of the window', () => {
    const { limits, call } = start();
    call(of(5, 4));
    expect(limits.allowance().calls).toBe(4);
    // Another replica has been busy.
    call(of(5, 1));
    expect(limits.allowance().calls).toBe(1);
    limits.begin();
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 1_000 });
  });

  it('is nothing in a window that is used up, and all of the next one', () => {
    const { limits, call, clock } = start();
    call(of(5, 0, 3_000));
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 3_000 });
    clock.ms += 2_999;
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 1 });
    clock.ms += 1;
    expect(limits.allowance()).toEqual({ calls: 5, againInMs: 0 });
  });

  it('counts what is on the way, also across the end of a window', () => {
    const { limits, call, clock } = start();
    call(of(5, 4));
    limits.begin();
    limits.begin();
    expect(limits.allowance().calls).toBe(2);
    clock.ms += 5_000;
    expect(limits.allowance().calls).toBe(3);
  });

  it('is never more than the channel wants on the way', () => {
    const { limits, call } = start(3);
    call(of(1_000, 999));
    limits.begin();
    expect(limits.allowance().calls).toBe(2);
    limits.begin();
    limits.begin();
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 50 });
  });

  it('has no limit of its own when a server that works speaks of none', () => {
    const { limits, call } = start();
    call({}, true);
    expect(limits.allowance().calls).toBe(10);
  });

  it('stays careful when only a failure speaks of none', () => {
    const { limits, call } = start();
    call({}, false);
    expect(limits.allowance().calls).toBe(0);
  });

  it('keeps the limit that it knows when one answer does not speak of it', () => {
    const { limits, call, clock } = start();
    call(of(5, 4));
    call({}, true);
    clock.ms += 1_000;
    expect(limits.allowance().calls).toBe(5);
  });

  it('is nothing during a pause, whatever late answers say, and one request after it', () => {
    const { limits, call, clock } = start();
    limits.begin();
    call(of(5, 4));
    limits.pause(60_000);
    limits.end(of(5, 3), true);
    limits.pause(1_000);
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 60_000 });
    clock.ms += 60_000;
    expect(limits.allowance().calls).toBeGreaterThan(0);
    limits.pause(0);
    clock.ms += 1;
    expect(limits.allowance().calls).toBe(1);
  });

  // A provider with fixed windows, whose answers arrive whenever they like and in any order, and whose seconds are rounded up.
  it('is never more than the window has left, however late and mixed up the answers come', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 700 }),
      begin: fc.integer({ min: 0, max: 12 }),
      toServer: fc.integer({ min: 0, max: 900 }),
      fromServer: fc.integer({ min: 0, max: 900 }),
      isLost: fc.boolean(),
    });
    const world = fc.record({
      limit: fc.integer({ min: 1, max: 12 }),
      windowMs: fc.constantFrom(1_000, 2_000, 3_000),
      steps: fc.array(step, { minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(world, ({ limit, windowMs, steps }) => {
        const clock = { ms: 0 };
        const limits = new ResendLimits(10, () => clock.ms);
        const served = new Map<number, number>();
        let hasHeard = false;
        let events: { at: number; run: () => void }[] = [];
        const until = (at: number) => {
          for (;;) {
            events.sort((a, b) => a.at - b.at);
            const next = events[0];
            if (!next || next.at > at) break;
            events = events.slice(1);
            clock.ms = next.at;
            next.run();
          }
          clock.ms = at;
        };
        for (const { waitMs, begin, toServer, fromServer, isLost } of steps) {
          until(clock.ms + waitMs);
          const calls = Math.min(begin, limits.allowance().calls);
          for (let n = 0; n < calls; n++) {
            limits.begin();
            const arrivesAt = clock.ms + toServer + n * 37;
            events.push({
              at: arrivesAt,
              run: () => {
                const window = Math.floor(clock.ms / windowMs);
                const used = (served.get(window) ?? 0) + 1;
                served.set(window, used);
                expect(used).toBeLessThanOrEqual(limit);
                const resetMs = Math.ceil(((window + 1) * windowMs - clock.ms) / 1_000) * 1_000;
                // As long as no answer has told how long a window is, nobody can know.
                const headers = isLost && hasHeard ? undefined : of(limit, limit - used, resetMs);
                hasHeard ||= resetMs === windowMs;
                events.push({ at: clock.ms + fromServer, run: () => limits.end(headers, headers !== undefined) });
              },
            });
          }
        }
        until(clock.ms + 10_000);
        expect(limits.allowance().calls).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('uses each window well: never less than the limit per window and a round trip', () => {
    const { clock, limits } = start();
    let sent = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      clock.ms = 1_000 + ms;
      while (limits.allowance().calls > 0) {
        limits.begin();
        sent += 1;
        limits.end(of(5, 4 - ((sent - 1) % 5)), true);
      }
    }
    expect(sent).toBeGreaterThanOrEqual(45);
    expect(sent).toBeLessThanOrEqual(50);
  });
});

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
