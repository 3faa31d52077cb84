/** Something to wait for that may already have happened. One waiter at a time. */
export class Signal {
  private isRaised = false;
  private release: (() => void) | undefined;

  raise(): void {
    this.isRaised = true;
    this.release?.();
  }

  /** Resolves when raised, at once if it was raised since the last wait, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.isRaised) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.isRaised = false;
    this.release = undefined;
  }
}
