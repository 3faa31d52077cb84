import { backoffMs, pause } from '@bellhop/waiting';

const PROBE = { firstMs: 100, maxMs: 5_000 };

export interface HealthGateOptions {
  /** Does everything a handler needs answer? A rejection counts as no. */
  isHealthy: () => Promise<boolean>;
  /** `cause`: what made somebody ask. */
  onClose: (cause: unknown) => void;
  onOpen: (closedForMs: number) => void;
}

/** Open while handlers have what they need. Closed, nothing is pulled; it opens by itself once `isHealthy` says so. */
export class HealthGate {
  readonly #stopping = new AbortController();
  #probe: Promise<boolean> | null = null;
  #opening: Promise<void> | null = null;

  constructor(private readonly options: HealthGateOptions) {}

  get isOpen(): boolean {
    return this.#opening === null;
  }

  /** Asks now, once for all who ask at the same time. A "no" closes the gate. */
  check(cause?: unknown): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    this.#probe ??= this.#ask().then((isHealthy) => {
      this.#probe = null;
      if (!isHealthy && this.isOpen && !this.#stopping.signal.aborted) this.#opening = this.#waitUntilHealthy(cause);
      return isHealthy;
    });
    return this.#probe;
  }

  /** Resolves when the gate is open, or stopped. */
  opened(): Promise<void> {
    return this.#opening ?? Promise.resolve();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #waitUntilHealthy(cause: unknown): Promise<void> {
    const closedAt = performance.now();
    this.options.onClose(cause);
    for (let tries = 1; !this.#stopping.signal.aborted; tries++) {
      await pause(backoffMs(PROBE, tries), this.#stopping.signal);
      if (!this.#stopping.signal.aborted && (await this.#ask())) break;
    }
    this.#opening = null;
    this.options.onOpen(performance.now() - closedAt);
  }

  #ask(): Promise<boolean> {
    return Promise.resolve()
      .then(() => this.options.isHealthy())
      .catch(() => false);
  }
}
