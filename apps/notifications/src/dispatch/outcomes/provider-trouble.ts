import type { Outcome } from '../../channels/channel.js';

/** Every delivery may fail for the same reason: it is logged once in this time. */
const AGAIN_MS = 600_000;

/** Failures that only an operator can fix: our set-up is refused, or our quota is used up. */
export class ProviderTrouble {
  /** Stable code → when it was logged. */
  private readonly toldAtMs = new Map<string, number>();

  /**
   * The reasons to log now: each at the first delivery that fails for it, then every ten minutes while deliveries do.
   * @param nowMs monotonic
   */
  news(outcomes: readonly Outcome[], nowMs: number): string[] {
    return outcomes.flatMap((outcome) => {
      const reason = ofOurs(outcome);
      const code = reason?.split(':')[0];
      if (reason === undefined || code === undefined) return [];
      const toldAtMs = this.toldAtMs.get(code);
      if (toldAtMs !== undefined && nowMs - toldAtMs < AGAIN_MS) return [];
      this.toldAtMs.set(code, nowMs);
      return [reason];
    });
  }
}

function ofOurs(outcome: Outcome): string | undefined {
  if (outcome.kind === 'not_sent' && outcome.isOurs) return outcome.cause;
  return outcome.kind === 'throttled' && outcome.isOurs ? outcome.reason : undefined;
}
