import type { Allowance, Channel, Outcome } from '../channels/channel.js';
import type { Batch } from './preparation/batch.js';

/** How often to look again when nothing says until when there is no capacity. */
export const POLL_MS = 500;
/** Upper bound of started, unrecorded requests, as a multiple of `maxInFlight`. */
const MAX_UNRECORDED = 2;

/** How many requests of one channel may go to its provider at once, and how many are on their way. */
export class Capacity {
  /** Calls of the channel on their way. */
  private calls = 0;
  /** Requests that were started, and whose outcome is not recorded yet. */
  private unrecorded = 0;

  /** @param onFreed called whenever there is capacity again */
  constructor(
    private readonly channel: Channel,
    private readonly onFreed: () => void,
  ) {}

  /** Fewer than half of the calls are free. */
  get isScarce(): boolean {
    return this.calls > this.channel.maxInFlight / 2;
  }

  /** How many calls may start now: what we want at once, and what the provider allows. */
  allowance(): Allowance {
    const { maxInFlight } = this.channel;
    // While outcomes are slow to be recorded nothing more is sent: if this process crashed, all of it would be `unknown`.
    const free = Math.min(maxInFlight - this.calls, MAX_UNRECORDED * maxInFlight - this.unrecorded);
    if (free <= 0) return { calls: 0, againInMs: POLL_MS };
    const allowed = this.channel.allowance?.() ?? { calls: free, againInMs: 0 };
    return { ...allowed, calls: Math.min(free, allowed.calls) };
  }

  /** A request was started. */
  take(): void {
    this.unrecorded++;
  }

  /** Its outcome is recorded, or left to the lease. */
  free(): void {
    this.unrecorded--;
  }

  /** The call is free again as soon as the provider has answered: the next one need not wait until that is recorded. */
  async send({ items, id }: Batch): Promise<readonly Outcome[]> {
    this.calls++;
    try {
      return await this.channel.send(items, id);
    } finally {
      this.calls--;
      this.onFreed();
    }
  }
}
