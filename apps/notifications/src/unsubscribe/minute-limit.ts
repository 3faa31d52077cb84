const MINUTE_MS = 60_000;
/** What comes from strangers must not grow for ever. Beyond it, everybody new shares one count. */
const MAX_KEYS = 20_000;

/** Counts in this process, for a minute at a time: enough where a request costs little and does the same each time. */
export class MinuteLimit {
  private readonly counts = new Map<string, number>();
  private endsAt = 0;

  constructor(private readonly max: number) {}

  /** @returns false when this is one too many for the key */
  take(key: string, now: number = performance.now()): boolean {
    if (now >= this.endsAt) {
      this.counts.clear();
      this.endsAt = now + MINUTE_MS;
    }
    const counted = this.counts.has(key) || this.counts.size < MAX_KEYS ? key : '';
    const count = (this.counts.get(counted) ?? 0) + 1;
    this.counts.set(counted, count);
    return count <= this.max;
  }
}
