import type { Outcome } from '../../channels/channel.js';

/** Every mail may meet the same trouble: it is told once in this time. */
const AGAIN_MS = 600_000;

/** What only an operator can mend: our set-up is refused, or our quota used up. */
export class ProviderTrouble {
  /** Stable code → when it was told. */
  private readonly toldAtMs = new Map<string, number>();

  /**
   * The reasons to tell now: each at the first mail that meets it, then every ten minutes while mails do.
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
