/** Tells a loop of this process that there is work. One waiter at a time. */
export class Signal {
  private isNotified = false;
  private release: (() => void) | undefined;

  /** Ends the wait at hand, or the next one if nobody waits. */
  notify(): void {
    this.isNotified = true;
    this.release?.();
  }

  /** Resolves when notified, at once if that was since the last wait, or after `maxMs`. */
  async wait(maxMs: number): Promise<void> {
    if (!this.isNotified) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs);
        this.release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.isNotified = false;
    this.release = undefined;
  }
}
