const WINDOW_MS = 60_000;
/** Most different lines that are tracked; further ones are written each time. */
const MOST_LINES = 1_000;

/**
 * Keeps a flood of one line from hiding all others. The first is written at once; its repetitions within a minute are counted and
 * written as one line with their number. While they go on, that is one line a minute.
 */
export class RepeatedLines {
  private readonly counts = new Map<string, number>();

  constructor(private readonly tell: (line: string, repeated: number) => void) {}

  /** Whether to write this one. If not, it was counted. */
  isNews(line: string): boolean {
    const count = this.counts.get(line);
    if (count !== undefined) {
      this.counts.set(line, count + 1);
      return false;
    }
    if (this.counts.size < MOST_LINES) this.open(line);
    return true;
  }

  private open(line: string): void {
    this.counts.set(line, 0);
    // The timer must not keep a process from ending.
    setTimeout(() => this.close(line), WINDOW_MS).unref();
  }

  private close(line: string): void {
    const count = this.counts.get(line) ?? 0;
    this.counts.delete(line);
    if (count === 0) return;
    this.tell(line, count);
    this.open(line);
  }
}
