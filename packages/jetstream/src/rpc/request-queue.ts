export interface RequestQueueOptions {
  /** Requests handled concurrently. */
  maxOpen: number;
  /** A caller times out after this long, in milliseconds. */
  callerTimeoutMs: number;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

interface Waiting {
  readonly since: number;
  readonly resolve: (isTurn: boolean) => void;
}

/**
 * Bounds concurrent requests, and drops queued ones whose caller has timed out. Without this, a database that was away would be
 * busy with abandoned requests when it returns, and new ones would time out behind them.
 */
export class RequestQueue {
  private waiting: Waiting[] = [];
  private open = 0;
  private readonly now: () => number;

  constructor(private readonly options: RequestQueueOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** @returns false if the request was dropped. Rejects as `handle` does */
  async run(handle: () => Promise<void>): Promise<boolean> {
    if (!(await this.turn())) return false;
    try {
      await handle();
      return true;
    } finally {
      this.open--;
      this.startNext();
    }
  }

  private turn(): Promise<boolean> {
    this.dropExpired();
    if (this.open < this.options.maxOpen) {
      this.open++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => this.waiting.push({ since: this.now(), resolve }));
  }

  private startNext(): void {
    this.dropExpired();
    const next = this.waiting.shift();
    if (!next) return;
    this.open++;
    next.resolve(true);
  }

  /** The queue is in order of arrival, so the expired requests are at its head. */
  private dropExpired(): void {
    const deadline = this.now() - this.options.callerTimeoutMs;
    const firstAlive = this.waiting.findIndex(({ since }) => since > deadline);
    const expired = this.waiting.splice(0, firstAlive < 0 ? this.waiting.length : firstAlive);
    for (const { resolve } of expired) resolve(false);
  }
}
