/** Long enough to absorb a flood, and short, because a refund makes room. */
const CACHED_MS = 1_000;

/** Remembers for a second which keys were refused. Each process has its own; Postgres enforces the limits. */
export class RefusalCache {
  private readonly refusals = new Map<string, { expiresAt: number; roomAt: number }>();

  /** @param now milliseconds of a monotonic clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  add(key: string, seconds: number): void {
    const now = this.now();
    for (const [old, { expiresAt }] of this.refusals) {
      // They are in the order of their expiry, because each is put at the end again.
      if (expiresAt > now) break;
      this.refusals.delete(old);
    }
    this.refusals.delete(key);
    this.refusals.set(key, { expiresAt: now + CACHED_MS, roomAt: now + seconds * 1_000 });
  }

  /** For how many more seconds the key is refused; null if nothing is cached. */
  secondsLeft(key: string): number | null {
    const now = this.now();
    const refusal = this.refusals.get(key);
    if (!refusal || refusal.expiresAt <= now) return null;
    return Math.max(1, Math.ceil((refusal.roomAt - now) / 1_000));
  }
}
