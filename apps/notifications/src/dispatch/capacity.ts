import type { Allowance, Channel, Outcome, Provider } from '../channels/channel.js';
import { type Batch, isRequested } from './preparation/batch.js';

/** How often to look again when nothing says until when there is no capacity. */
export const POLL_MS = 500;
/** Upper bound of started, unrecorded requests, as a multiple of `maxInFlight`. */
const MAX_UNRECORDED = 2;

interface Load {
  /** Calls on their way. */
  calls: number;
  /** Requests that were started, and whose outcome is not recorded yet. */
  unrecorded: number;
}

/** How many requests of one channel may go to each of its providers at once, and how many are on their way. */
export class Capacity {
  private readonly loads: ReadonlyMap<Provider, Load>;

  /** @param onFreed called whenever there is capacity again */
  constructor(
    channel: Channel,
    private readonly onFreed: () => void,
  ) {
    this.loads = new Map(channel.providers.map((provider) => [provider, { calls: 0, unrecorded: 0 }]));
  }

  /** Fewer than half of the calls are free. */
  isScarce(provider: Provider): boolean {
    return this.loadOf(provider).calls > provider.maxInFlight / 2;
  }

  /** How many calls may start now: what we want at once, and what the provider allows. */
  allowance(provider: Provider): Required<Allowance> {
    const { maxInFlight } = provider;
    const { calls, unrecorded } = this.loadOf(provider);
    // While outcomes are slow to be recorded nothing more is sent: if this process crashed, all of it would be `unknown`.
    const free = Math.min(maxInFlight - calls, MAX_UNRECORDED * maxInFlight - unrecorded);
    if (free <= 0) return { calls: 0, requestedCalls: 0, againInMs: POLL_MS };
    const allowed = provider.allowance?.() ?? { calls: free, againInMs: 0 };
    const { calls: more, requestedCalls = more, againInMs } = allowed;
    return { calls: Math.min(free, more), requestedCalls: Math.min(free, requestedCalls), againInMs };
  }

  /** A request was started. */
  take(provider: Provider): void {
    this.loadOf(provider).unrecorded++;
  }

  /** Its outcome is recorded, or left to the lease. */
  free(provider: Provider): void {
    this.loadOf(provider).unrecorded--;
  }

  /** The call is free again as soon as the provider has answered: the next one need not wait until that is recorded. */
  async send(batch: Batch): Promise<readonly Outcome[]> {
    const { provider, items, id } = batch;
    const load = this.loadOf(provider);
    load.calls++;
    try {
      return await provider.send(items, id, isRequested(batch));
    } finally {
      load.calls--;
      this.onFreed();
    }
  }

  private loadOf(provider: Provider): Load {
    const load = this.loads.get(provider);
    if (!load) throw new Error(`the channel has no provider ${provider.name}`);
    return load;
  }
}
