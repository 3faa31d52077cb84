/**
 * Looks at everything of which a change was heard, by its key. One look at a time, and what is heard while it runs shares the next: a burst costs
 * few looks, and no look overtakes a later one.
 */
export class Looks {
  private readonly behind = new Set<string>();
  private isLooking = false;

  /** @param failed gets the error of a look; its keys are not looked at again by themselves */
  constructor(
    private readonly look: (keys: readonly string[]) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  add(keys: readonly string[]): void {
    for (const key of keys) this.behind.add(key);
    if (!this.isLooking) void this.lookAtAll();
  }

  /** Never rejects. */
  private async lookAtAll(): Promise<void> {
    this.isLooking = true;
    while (this.behind.size > 0) {
      const keys = [...this.behind];
      this.behind.clear();
      await this.look(keys).catch(this.failed);
    }
    this.isLooking = false;
  }
}
