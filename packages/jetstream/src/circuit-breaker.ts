import { backoffMs, pause } from '@bellhop/waiting';

const PROBE = { firstMs: 100, maxMs: 5_000 };

export interface CircuitBreakerOptions {
  /** Does everything a handler needs answer? A rejection counts as no. */
  isHealthy: () => Promise<boolean>;
  /** `cause`: the error that led to the check. */
  onOpen: (cause: unknown) => void;
  onClose: (openForMs: number) => void;
}

/**
 * Circuit breaker between the streams and the handlers. Closed: events are pulled. Open: a check failed, nothing is pulled;
 * `isHealthy` is probed with a growing delay, and the first yes closes the breaker again.
 */
export class CircuitBreaker {
  private readonly stopping = new AbortController();
  private probe: Promise<boolean> | null = null;
  /** Set while the breaker is open. */
  private recovery: Promise<void> | null = null;

  constructor(private readonly options: CircuitBreakerOptions) {}

  get isClosed(): boolean {
    return this.recovery === null;
  }

  /** Probes once for all concurrent callers. A "no" opens the breaker. */
  check(cause?: unknown): Promise<boolean> {
    if (!this.isClosed) return Promise.resolve(false);
    this.probe ??= this.isHealthy().then((isHealthy) => {
      this.probe = null;
      if (!isHealthy && this.isClosed && !this.stopping.signal.aborted) this.recovery = this.recover(cause);
      return isHealthy;
    });
    return this.probe;
  }

  /** Resolves when the breaker is closed, or stopped. */
  closed(): Promise<void> {
    return this.recovery ?? Promise.resolve();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async recover(cause: unknown): Promise<void> {
    const openedAt = performance.now();
    this.options.onOpen(cause);
    for (let tries = 1; !this.stopping.signal.aborted; tries++) {
      await pause(backoffMs(PROBE, tries), this.stopping.signal);
      if (!this.stopping.signal.aborted && (await this.isHealthy())) break;
    }
    this.recovery = null;
    // A stop ends the wait, too, and says nothing about health.
    if (!this.stopping.signal.aborted) this.options.onClose(performance.now() - openedAt);
  }

  private isHealthy(): Promise<boolean> {
    return Promise.resolve()
      .then(() => this.options.isHealthy())
      .catch(() => false);
  }
}
