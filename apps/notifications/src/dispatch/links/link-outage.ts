const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * For how long nothing is asked after a question had no answer: as long as there has been none already, so that a restart is
 * over in a second or two, and an hour without guest-auth costs a few statements a minute. Moments are monotonic milliseconds.
 */
export class LinkOutage {
  private sinceMs: number | null = null;
  private untilMs = 0;

  /** A question failed. @returns whether this is news */
  begin(nowMs: number, retryAfterMs = 0): boolean {
    const isNews = this.sinceMs === null;
    this.sinceMs ??= nowMs;
    const lastedMs = nowMs - this.sinceMs;
    const pauseMs = Math.min(Math.max(lastedMs, FIRST_PAUSE_MS, retryAfterMs), LONGEST_PAUSE_MS);
    this.untilMs = nowMs + pauseMs;
    return isNews;
  }

  /** A question was answered. @returns whether this is news */
  end(): boolean {
    const isNews = this.sinceMs !== null;
    this.sinceMs = null;
    this.untilMs = 0;
    return isNews;
  }

  /**
   * How long a delivery has to wait; 0 when it may be asked for now.
   * @param random from 0 up to, not including, 1: what waits together does not come back together
   */
  waitMs(nowMs: number, random: number): number {
    const leftMs = this.untilMs - nowMs;
    return leftMs <= 0 ? 0 : leftMs + Math.round(random * FIRST_PAUSE_MS);
  }
}
