import type { Outage } from './outage.js';

/** How long a provider is left alone before it is looked at again: the first time, and at most. */
export interface CircuitTimes {
  readonly firstMs: number;
  readonly longestMs: number;
}

export const CIRCUIT_TIMES: CircuitTimes = { firstMs: 10_000, longestMs: 300_000 };

/** So many different requests in a row, whose failures may each be the request's own. */
const FAILURES = 3;

/**
 * Whether one provider takes mails. `closed`: it does. `open`: it is left alone for a while. `trial`: it can be reached again, and one
 * request tries whether it takes mails. Pure.
 */
export class Circuit {
  private current: 'closed' | 'open' | 'trial' = 'closed';
  /** The first delivery of each request that failed since the last one that did not. */
  private readonly failures = new Set<string>();
  private openings = 0;
  private isTrying = false;

  constructor(private readonly times: CircuitTimes) {}

  get state(): 'closed' | 'open' | 'trial' {
    return this.current;
  }

  /** The next request may go to it. */
  get takes(): boolean {
    return this.current === 'closed' || (this.current === 'trial' && !this.isTrying);
  }

  /** How long it stays open. */
  get waitMs(): number {
    return Math.min(this.times.firstMs * 2 ** (this.openings - 1), this.times.longestMs);
  }

  /** A request begins. @returns whether it is the trial, whose end must be told by {@link tried} */
  begun(): boolean {
    if (this.current !== 'trial' || this.isTrying) return false;
    this.isTrying = true;
    return true;
  }

  /** The trial has ended, whatever it showed: the next one may begin. */
  tried(): void {
    this.isTrying = false;
  }

  /**
   * It has failed.
   * @param request the same for each attempt at it: one that fails again and again proves nothing
   * @returns whether that opened the circuit
   */
  failed(request: string, outage: Outage): boolean {
    if (this.current === 'open') return false;
    this.failures.add(request);
    if (this.current === 'closed' && outage === 'possible' && this.failures.size < FAILURES) return false;
    this.open();
    return true;
  }

  /** Mails were taken. @returns whether that closed the circuit */
  accepted(): boolean {
    const hasClosed = this.current !== 'closed';
    this.current = 'closed';
    this.openings = 0;
    this.failures.clear();
    return hasClosed;
  }

  /** An answer that says nothing of the provider, such as the refusal of one address. */
  answered(): void {
    this.failures.clear();
  }

  /** It cannot be reached, or not yet: it is left alone for longer each time. */
  open(): void {
    this.current = 'open';
    this.openings += 1;
    this.failures.clear();
  }

  /** It can be reached again. */
  try(): void {
    this.current = 'trial';
  }
}
