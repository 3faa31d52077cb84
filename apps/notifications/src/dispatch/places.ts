import type { Allowance, Channel, Outcome } from '../channels/channel.js';
import type { Batch } from './batch.js';

/** How often to look again when nothing says until when there is no room. */
export const LOOK_AGAIN_MS = 500;
/** Requests that have begun and are not written down, at most: so many times what may be on its way to the provider. */
const MAX_OPEN = 2;

/** How many requests may go to the provider at once, and what is on its way. */
export class Places {
  /** Calls of the channel on their way. */
  private calls = 0;
  /** Requests that have begun, and whose outcome is not written down yet. */
  private open = 0;

  /** @param onRoom called whenever there is room again */
  constructor(
    private readonly channel: Channel,
    private readonly onRoom: () => void,
  ) {}

  /** Fewer than half are free. */
  get areFew(): boolean {
    return this.calls > this.channel.maxInFlight / 2;
  }

  /** How many calls may begin now: what we want at once, and what the provider allows. */
  allowance(): Allowance {
    const { maxInFlight } = this.channel;
    // When outcomes are slow to be written, no more is sent meanwhile: if this process died, all of it would be `unknown`.
    const free = Math.min(maxInFlight - this.calls, MAX_OPEN * maxInFlight - this.open);
    if (free <= 0) return { calls: 0, againInMs: LOOK_AGAIN_MS };
    const allowed = this.channel.allowance?.() ?? { calls: free, againInMs: 0 };
    return { ...allowed, calls: Math.min(free, allowed.calls) };
  }

  /** A request has begun. */
  take(): void {
    this.open++;
  }

  /** Its outcome is written down, or left to its lease. */
  leave(): void {
    this.open--;
  }

  /** Its place is free as soon as the provider has answered: the next one need not wait until that is written down. */
  async call({ items, id }: Batch): Promise<readonly Outcome[]> {
    this.calls++;
    try {
      return await this.channel.send(items, id);
    } finally {
      this.calls--;
      this.onRoom();
    }
  }
}
