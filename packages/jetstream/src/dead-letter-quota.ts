const DAY_MS = 24 * 60 * 60 * 1000;

/** Dead letters of one outside system that one replica stores in a day (UTC). */
export interface DeadLetterLimits {
  letters: number;
  /** Headers and bodies together. Above it letters are stored without their body. */
  bytes: number;
}

/** Thirty days of letters of two systems and three replicas fit into the 2 GiB of DEAD_LETTERS; events that we fail on are rare and have a second quota of this size. */
export const DEAD_LETTER_LIMITS: DeadLetterLimits = { letters: 1_000, bytes: 8 * 1024 * 1024 };

export type Allowance = 'whole' | 'without_body' | 'dropped';

interface Spent {
  letters: number;
  bytes: number;
}

/** Counts the dead letters of outside systems per day. In memory: no outside system can restart us, and each replica's quota is small. */
export class DeadLetterQuota {
  private readonly spent = new Map<string, Spent>();
  private day = 0;

  constructor(private readonly limits: DeadLetterLimits) {}

  /** Spends one letter of `bytes`. @returns how much of it may be stored */
  take(system: string, bytes: number, nowMs: number): Allowance {
    this.startDay(Math.floor(nowMs / DAY_MS));
    const spent = this.spent.get(system) ?? { letters: 0, bytes: 0 };
    this.spent.set(system, spent);
    if (spent.letters >= this.limits.letters) return 'dropped';
    spent.letters++;
    if (spent.bytes + bytes > this.limits.bytes) return 'without_body';
    spent.bytes += bytes;
    return 'whole';
  }

  private startDay(day: number): void {
    if (day === this.day) return;
    this.day = day;
    this.spent.clear();
  }
}
