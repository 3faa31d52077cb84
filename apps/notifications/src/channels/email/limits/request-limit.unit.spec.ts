import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LimitPool, type RateHeaders, RequestLimit } from './request-limit.js';

const start = (maxInFlight = 10) => {
  const clock = { ms: 1_000 };
  const limits = new RequestLimit({ maxInFlight, now: () => clock.ms });
  /** One request of a guest, begun and answered at once. */
  const call = (headers?: RateHeaders, isTaken = true) => {
    void limits.begin(true);
    limits.end(headers, { isTaken, isRequested: true });
  };
  /** What may begin now for guests, who may use all of the limit. */
  const allowance = () => allowanceOf(limits);
  return { clock, limits, call, allowance };
};
const allowanceOf = (limits: RequestLimit) => {
  const { calls, requestedCalls = calls, againInMs } = limits.allowance();
  return { calls: requestedCalls, againInMs: requestedCalls > 0 ? 0 : againInMs };
};
const of = (limit: number, remaining: number, resetMs = 1_000): RateHeaders => ({ limit, remaining, resetMs });

describe('what may be sent', () => {
  it('is one request before the first answer, and none while that is on the way', () => {
    const { limits, allowance } = start();
    expect(allowance()).toEqual({ calls: 1, againInMs: 0 });
    void limits.begin(true);
    expect(allowance()).toEqual({ calls: 0, againInMs: 50 });
  });

  it('is one request a second as long as nobody answers', () => {
    const { call, clock, allowance } = start();
    call(undefined, false);
    expect(allowance()).toEqual({ calls: 0, againInMs: 1_000 });
    clock.ms += 1_000;
    expect(allowance().calls).toBe(1);
  });

  it('is what the newest answer leaves of the window', () => {
    const { limits, call, allowance } = start();
    call(of(5, 4));
    expect(allowance().calls).toBe(4);
    // Another replica has been busy.
    call(of(5, 1));
    expect(allowance().calls).toBe(1);
    void limits.begin(true);
    expect(allowance()).toEqual({ calls: 0, againInMs: 1_000 });
  });

  it('is nothing in a window that is used up, and all of the next one', () => {
    const { call, clock, allowance } = start();
    call(of(5, 0, 3_000));
    expect(allowance()).toEqual({ calls: 0, againInMs: 3_000 });
    clock.ms += 2_999;
    expect(allowance()).toEqual({ calls: 0, againInMs: 1 });
    clock.ms += 1;
    expect(allowance()).toEqual({ calls: 5, againInMs: 0 });
  });

  it('counts what is on the way, also across the end of a window', () => {
    const { limits, call, clock, allowance } = start();
    call(of(5, 4));
    void limits.begin(true);
    void limits.begin(true);
    expect(allowance().calls).toBe(2);
    clock.ms += 5_000;
    expect(allowance().calls).toBe(3);
  });

  it('is never more than the channel wants on the way', () => {
    const { limits, call, allowance } = start(3);
    call(of(1_000, 999));
    void limits.begin(true);
    expect(allowance().calls).toBe(2);
    void limits.begin(true);
    void limits.begin(true);
    expect(allowance()).toEqual({ calls: 0, againInMs: 50 });
  });

  it('has no limit of its own when a server that works speaks of none', () => {
    const { call, allowance } = start();
    call({}, true);
    expect(allowance().calls).toBe(10);
  });

  it('stays careful when only a failure speaks of none', () => {
    const { call, allowance } = start();
    call({}, false);
    expect(allowance().calls).toBe(0);
  });

  it('keeps the limit that it knows when one answer does not speak of it', () => {
    const { call, clock, allowance } = start();
    call(of(5, 4));
    call({}, true);
    clock.ms += 1_000;
    expect(allowance().calls).toBe(5);
  });

  it('is nothing during a pause, whatever late answers say, and one request after it', () => {
    const { limits, call, clock, allowance } = start();
    void limits.begin(true);
    call(of(5, 4));
    limits.pause(60_000);
    limits.end(of(5, 3), { isTaken: true, isRequested: true });
    limits.pause(1_000);
    expect(allowance()).toEqual({ calls: 0, againInMs: 60_000 });
    clock.ms += 60_000;
    expect(allowance().calls).toBeGreaterThan(0);
    limits.pause(0);
    clock.ms += 1;
    expect(allowance().calls).toBe(1);
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
        const limits = new RequestLimit({ maxInFlight: 10, now: () => clock.ms });
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
          const calls = Math.min(begin, allowanceOf(limits).calls);
          for (let n = 0; n < calls; n++) {
            void limits.begin(true);
            const arrivesAt = clock.ms + toServer + n * 37;
            events.push({
              at: arrivesAt,
              run: () => {
                const window = Math.floor(clock.ms / windowMs);
                const used = (served.get(window) ?? 0) + 1;
                served.set(window, used);
                expect(used).toBeLessThanOrEqual(limit);
                const resetMs = Math.ceil(((window + 1) * windowMs - clock.ms) / 1_000) * 1_000;
                const answered = () => {
                  // As long as no answer has told how long a window is, nobody can know.
                  const headers = isLost && hasHeard ? undefined : of(limit, limit - used, resetMs);
                  hasHeard ||= resetMs === windowMs;
                  limits.end(headers, { isTaken: headers !== undefined, isRequested: true });
                };
                events.push({ at: clock.ms + fromServer, run: answered });
              },
            });
          }
        }
        until(clock.ms + 10_000);
        expect(allowanceOf(limits).calls).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('uses each window well: never less than the limit per window and a round trip', () => {
    const { clock, limits } = start();
    let sent = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      clock.ms = 1_000 + ms;
      while (allowanceOf(limits).calls > 0) {
        void limits.begin(true);
        sent += 1;
        limits.end(of(5, 4 - ((sent - 1) % 5)), { isTaken: true, isRequested: true });
      }
    }
    expect(sent).toBeGreaterThanOrEqual(45);
    expect(sent).toBeLessThanOrEqual(50);
  });
});

describe('the part of a limit that is kept for guests', () => {
  it('is not touched by alerts, and is there for guests when alerts have used up theirs', () => {
    const { limits, call } = start(20);
    call(of(10, 100));
    expect(limits.allowance()).toEqual({ calls: 7, requestedCalls: 9, againInMs: 0 });
    for (let n = 0; n < 7; n++) void limits.begin();
    expect(limits.allowance()).toEqual({ calls: 0, requestedCalls: 2, againInMs: 1_000 });
    void limits.begin(true);
    void limits.begin(true);
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 1_000 });
  });

  it('is also used by guests only: what they take of the rest is missing there', () => {
    const { limits, call } = start(20);
    call(of(10, 100));
    for (let n = 0; n < 5; n++) void limits.begin(true);
    expect(limits.allowance()).toEqual({ calls: 4, againInMs: 0 });
  });

  it('does not exist in a limit of one', () => {
    const { limits, call, clock } = start();
    call(of(1, 0));
    clock.ms += 1_000;
    expect(limits.allowance()).toEqual({ calls: 1, againInMs: 0 });
  });
});

describe('a rate that is set', () => {
  const rated = (rate: number) => new RequestLimit({ maxInFlight: 10, rate, now: () => 0 });

  it('holds from the first request on, and after a pause', () => {
    const limits = rated(5);
    expect(limits.allowance()).toMatchObject({ calls: 3, requestedCalls: 5 });
    limits.pause(0);
    expect(limits.allowance()).toMatchObject({ calls: 3, requestedCalls: 5 });
  });

  it('gives way to a smaller limit of the provider, and not to a larger one', () => {
    const limits = rated(5);
    void limits.begin();
    limits.end({ limit: 100 }, { isTaken: true });
    expect(limits.allowance()).toMatchObject({ calls: 2, requestedCalls: 4 });
    void limits.begin();
    limits.end({ limit: 3 }, { isTaken: true });
    expect(limits.allowance()).toMatchObject({ calls: 0, requestedCalls: 1 });
  });
});

describe('a pause', () => {
  it('that is long sends mails elsewhere, also when another replica has been told', () => {
    const limits = new RequestLimit({ maxInFlight: 10, now: () => 0 });
    limits.heard({ limit: 5, windowMs: 1_000, pausedMs: 5_000 });
    expect(limits.isPausedForLong).toBe(false);
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 5_000 });
    limits.heard({ limit: 5, windowMs: 1_000, pausedMs: 600_000 });
    expect(limits.isPausedForLong).toBe(true);
  });

  it('is ten minutes at most, whatever the provider says', () => {
    const limits = new RequestLimit({ maxInFlight: 10, now: () => 0 });
    const told: number[] = [];
    limits.share({ ...NO_POOL, paused: (forMs) => told.push(forMs) });
    limits.heard(NOTHING);
    limits.pause(86_400_000);
    expect([limits.allowance().againInMs, told]).toEqual([600_000, [600_000]]);
  });
});

const NOTHING = { limit: null, windowMs: 0, pausedMs: 0 };
const NO_POOL: LimitPool = { lease: async () => [], learned: () => undefined, paused: () => undefined };

describe('a limit that replicas share', () => {
  const shared = (pool: LimitPool = NO_POOL) => {
    const clock = { ms: 0 };
    const limits = new RequestLimit({ maxInFlight: 10, now: () => clock.ms });
    limits.share(pool);
    return { clock, limits };
  };

  it('gets no request before it is known what other replicas have learned', async () => {
    const { limits } = shared();
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 50 });
    expect(await limits.begin()).toBe(50);
    limits.heard({ limit: null, windowMs: 1_000, pausedMs: 30_000 });
    expect(limits.allowance()).toEqual({ calls: 0, againInMs: 30_000 });
  });

  it('is stored again once an hour while answers name it', () => {
    const stored: (number | null)[] = [];
    const { clock, limits } = shared({ ...NO_POOL, learned: (limit) => stored.push(limit) });
    limits.heard({ limit: 5, windowMs: 1_000, pausedMs: 0 });
    for (let minute = 0; minute < 180; minute++) {
      clock.ms = minute * 60_000;
      void limits.begin();
      limits.end(of(5, 4), { isTaken: true });
    }
    expect(stored).toEqual([5, 5, 5]);
  });
});
