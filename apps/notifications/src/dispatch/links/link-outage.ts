const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * How long no request is sent after one failed: as long as guest-auth has been unavailable so far, at least 1 s and at most 30 s. A
 * restart then costs a second or two, and an hour without guest-auth a few statements a minute. Moments are monotonic milliseconds.
 */
export class LinkOutage {
  private sinceMs: number | null = null;
  private untilMs = 0;

  /** A request failed. @returns whether the outage begins with it */
  begin(nowMs: number, retryAfterMs = 0): boolean {
    const isNews = this.sinceMs === null;
    this.sinceMs ??= nowMs;
    const lastedMs = nowMs - this.sinceMs;
    const pauseMs = Math.min(Math.max(lastedMs, FIRST_PAUSE_MS, retryAfterMs), LONGEST_PAUSE_MS);
    this.untilMs = nowMs + pauseMs;
    return isNews;
  }

  /** A request was answered. @returns whether this ends an outage */
  end(): boolean {
    const isNews = this.sinceMs !== null;
    this.sinceMs = null;
    this.untilMs = 0;
    return isNews;
  }

  /**
   * How long a delivery has to wait, in milliseconds; 0 when a request may be sent now.
   * @param random from 0 up to, not including, 1: spreads deliveries that wait together
   */
  waitMs(nowMs: number, random: number): number {
    const leftMs = this.untilMs - nowMs;
    return leftMs <= 0 ? 0 : leftMs + Math.round(random * FIRST_PAUSE_MS);
  }
}
