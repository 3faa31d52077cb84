/** A bell that is rung between two parts of one process. A ring that nobody waits for is kept for the next who waits. */
export class WakeUp {
  private isRung = false;
  private ring: (() => void) | undefined;

  wake(): void {
    this.isRung = true;
    this.ring?.();
  }

  /** Resolves at the next ring, or after this many milliseconds. For one waiter at a time. */
  async wait(maxMs: number): Promise<void> {
    if (!this.isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs);
        this.ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.ring = undefined;
    }
    this.isRung = false;
  }
}
