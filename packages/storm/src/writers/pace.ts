import { setTimeout as pause } from 'node:timers/promises';

/** Lets so many through per second, evenly. Whoever was held up does not catch up afterwards: a jam is not a storm. */
export class Pace {
  private nextMs = 0;

  constructor(private readonly perSecond: number) {}

  async turn(): Promise<void> {
    const nowMs = performance.now();
    const mineMs = Math.max(this.nextMs, nowMs);
    this.nextMs = mineMs + 1_000 / this.perSecond;
    if (mineMs > nowMs) await pause(mineMs - nowMs);
  }
}

/** Lives so many lives at a time, each with a number of its own, until the signal; those that have begun are lived to the end. */
export async function liveOn(
  live: (index: number) => Promise<void>,
  { atOnce, signal }: { atOnce: number; signal: AbortSignal },
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (!signal.aborted) await live(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
