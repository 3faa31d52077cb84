/**
 * Non-transient failures per message.
 *
 * The server's delivery count does not tell: it also counts redeliveries during an outage. So we count here, in memory.
 * After a restart, and in another replica, counting begins again: a bad event is tried a few times more, which is harmless.
 * When more than `capacity` messages fail at a time, the one that failed longest ago is forgotten, with the same effect. An
 * event that crashes the process is never counted: the crash itself has to be noticed.
 */
export class FailureCounts {
  private readonly counts = new Map<string, number>();

  constructor(private readonly capacity = 10_000) {}

  /** Counts one more failure. @returns how many there are now */
  add(key: string): number {
    const count = (this.counts.get(key) ?? 0) + 1;
    // Deleting first moves the key to the end: a Map keeps the order of insertion.
    this.counts.delete(key);
    this.counts.set(key, count);
    if (this.counts.size > this.capacity) this.counts.delete(this.counts.keys().next().value as string);
    return count;
  }

  forget(key: string): void {
    this.counts.delete(key);
  }

  get size(): number {
    return this.counts.size;
  }
}
