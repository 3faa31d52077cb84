const WINDOW_MS = 60_000;
/** Many different lines are no flood of one; beyond these none is folded. */
const MOST_LINES = 1_000;

/**
 * Keeps a flood of one line from hiding all others. The first is written at once; the same ones of the next minute are
 * counted, and told by one line with their number. While they go on, that is one line a minute.
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
    // What nobody says any more must not keep a process from ending.
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
