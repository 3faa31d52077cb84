const DAY_MS = 24 * 60 * 60 * 1000;

/** What one outside system may have parked in a day, by one replica. */
export interface ParkingLimits {
  letters: number;
  /** Headers and bodies together. Beyond it letters are parked without their body. */
  bytes: number;
}

/** Thirty days of letters of two systems and three replicas fit into the 2 GiB of DEAD_LETTERS; what we fail on is rare, and has the same once more. */
export const PARKING_LIMITS: ParkingLimits = { letters: 1_000, bytes: 8 * 1024 * 1024 };

export type Allowance = 'whole' | 'without_body' | 'dropped';

interface Spent {
  letters: number;
  bytes: number;
}

/** Counts what of strangers was parked today. In memory: a stranger cannot restart us, and each replica's share is small. */
export class ParkingQuota {
  readonly #spent = new Map<string, Spent>();
  #day = 0;

  constructor(private readonly limits: ParkingLimits) {}

  /** Takes a place for one letter of `bytes`, and says how much of it may be kept. */
  take(system: string, bytes: number, nowMs: number): Allowance {
    this.#begin(Math.floor(nowMs / DAY_MS));
    const spent = this.#spent.get(system) ?? { letters: 0, bytes: 0 };
    this.#spent.set(system, spent);
    if (spent.letters >= this.limits.letters) return 'dropped';
    spent.letters++;
    if (spent.bytes + bytes > this.limits.bytes) return 'without_body';
    spent.bytes += bytes;
    return 'whole';
  }

  #begin(day: number): void {
    if (day === this.#day) return;
    this.#day = day;
    this.#spent.clear();
  }
}
