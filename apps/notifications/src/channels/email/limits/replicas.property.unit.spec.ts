import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blocksOf, tokensIn } from './blocks.js';
import { type LimitPool, RequestLimit } from './request-limit.js';

const WINDOW_MS = 1_000;
/** How often replicas look at what they share. */
const TICK_MS = 1_000;
const REPLICAS = 3;

/** The table of leases, by the rules of `lease-blocks.ts`, which has tests of its own. */
function leases(now: () => number) {
  const rows = new Map<number, { holder: number; until: number }>();
  return (holder: number): LimitPool => ({
    async lease({ count, blocks, leaseMs }) {
      const isFree = (number: number) => {
        const row = rows.get(number);
        return !row || row.holder === holder || row.until < now();
      };
      const isOurs = (number: number) => rows.get(number)?.holder === holder;
      const free = Array.from({ length: count }, (_, number) => number).filter(isFree);
      const got = free.sort((a, b) => Number(isOurs(b)) - Number(isOurs(a)) || b - a).slice(0, blocks);
      for (const number of got) rows.set(number, { holder, until: now() + leaseMs });
      return got;
    },
    learned: () => undefined,
    paused: () => undefined,
  });
}

interface Arrival {
  readonly by: RequestLimit;
  readonly at: number;
  readonly isRequested: boolean;
}

const mostInAWindow = (arrivals: readonly Arrival[]) =>
  Math.max(0, ...arrivals.map(({ at }) => arrivals.filter((one) => one.at >= at && one.at < at + WINDOW_MS).length));

describe('replicas that share a limit', () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 900, max: 2_100 }), fc.constant(6_000)),
    replica: fc.integer({ min: 0, max: REPLICAS - 1 }),
    requests: fc.integer({ min: 1, max: 8 }),
    isRequested: fc.boolean(),
    // Also longer than a block is held without being renewed, as with a pool that is slow.
    toServer: fc.constantFrom(0, 300, 990, 5_000),
    fromServer: fc.constantFrom(0, 300, 5_000),
    /** The replica begins anew and knows nothing of what it has sent, nor what it held. Its connections end. */
    isCrash: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });

  it('never make more requests in a window than it allows, wherever the window begins, and alerts leave their part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 40 })),
        fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
        async (limit, steps) => {
          let ms = 0;
          let holders = 0;
          const poolOf = leases(() => ms);
          const replica = () => {
            const made = new RequestLimit({ maxInFlight: 100, now: () => ms });
            made.share(poolOf(holders++));
            made.heard({ limit, windowMs: WINDOW_MS, pausedMs: 0 });
            return made;
          };
          const replicas = Array.from({ length: REPLICAS }, replica);
          let arrivals: Arrival[] = [];
          let events: { at: number; run: () => void }[] = [];
          const pass = async (until: number) => {
            while (ms < until) {
              const tick = ms - (ms % TICK_MS) + TICK_MS;
              const next = Math.min(until, tick);
              events.sort((a, b) => a.at - b.at);
              for (const { at, run } of events.filter((event) => event.at <= next)) {
                ms = at;
                run();
              }
              events = events.filter(({ at }) => at > next);
              ms = next;
              if (next === tick) for (const one of replicas) await one.refresh();
            }
          };
          for (const { waitMs, replica: index, requests, isRequested, toServer, fromServer, isCrash } of steps) {
            await pass(ms + waitMs);
            if (isCrash) {
              const crashed = replicas[index];
              arrivals = arrivals.filter(({ by, at }) => by !== crashed || at < ms + TICK_MS);
              replicas[index] = replica();
            }
            const limits = replicas[index] as RequestLimit;
            for (let n = 0; n < requests; n++) {
              if ((await limits.begin(isRequested)) !== null) break;
              arrivals.push({ by: limits, at: ms + toServer, isRequested });
              const run = () => limits.end({ limit, resetMs: WINDOW_MS }, { isTaken: true, isRequested });
              events.push({ at: ms + toServer + fromServer, run });
            }
          }
          expect(mostInAWindow(arrivals)).toBeLessThanOrEqual(limit);
          const { forAlerts } = blocksOf(limit);
          const share = tokensIn(
            Array.from({ length: forAlerts }, (_, number) => number),
            limit,
          );
          expect(mostInAWindow(arrivals.filter((one) => !one.isRequested))).toBeLessThanOrEqual(share);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('take a block of another only when its last request was counted in a window that is over', async () => {
    let ms = 0;
    const poolOf = leases(() => ms);
    const [one, two] = [0, 1].map((holder) => {
      const made = new RequestLimit({ maxInFlight: 100, now: () => ms });
      made.share(poolOf(holder));
      made.heard({ limit: 1, windowMs: WINDOW_MS, pausedMs: 0 });
      return made;
    }) as [RequestLimit, RequestLimit];
    expect(await one.begin()).toBeNull();
    one.end({ limit: 1, resetMs: WINDOW_MS }, { isTaken: true });
    ms = 1_900;
    expect(await one.begin()).toBeNull();
    // It may arrive as late as this.
    ms += 990;
    const over = ms + WINDOW_MS;
    for (; ms < over; ms += 100) {
      expect(await two.begin()).not.toBeNull();
      await two.refresh();
    }
    ms = 5_100;
    await two.refresh();
    expect(await two.begin()).toBeNull();
  });

  it('use all of it, though only one has something to send', async () => {
    let ms = 0;
    const poolOf = leases(() => ms);
    const [busy, ...idle] = Array.from({ length: REPLICAS }, (_, holder) => {
      const made = new RequestLimit({ maxInFlight: 100, now: () => ms });
      made.share(poolOf(holder));
      made.heard({ limit: 10, windowMs: WINDOW_MS, pausedMs: 0 });
      return made;
    });
    let sent = 0;
    for (; ms < 20_000; ms += 100) {
      for (const other of idle) await other.refresh();
      while (busy && (await busy.begin()) === null) {
        sent += 1;
        busy.end({ limit: 10, resetMs: WINDOW_MS }, { isTaken: true });
      }
      if (ms % 1_000 === 0) await busy?.refresh();
    }
    // Seven a second.
    expect(sent).toBeGreaterThanOrEqual(120);
    expect(sent).toBeLessThanOrEqual(140);
  });
});
