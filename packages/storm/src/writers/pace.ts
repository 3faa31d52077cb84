import { setTimeout as pause } from 'node:timers/promises';

/** Spreads calls evenly over a second. Delayed calls are not caught up, so that a fault causes no burst. */
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

/** Runs scenarios, `atOnce` at a time, each with its own number, until the signal. Those that have started run to their end. */
export async function repeatConcurrently(
  run: (index: number) => Promise<void>,
  { atOnce, signal }: { atOnce: number; signal: AbortSignal },
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (!signal.aborted) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
