export interface QuestionQueueOptions {
  /** How many are answered at one time. */
  maxOpen: number;
  /** Whoever asks gives up after so long, in milliseconds. */
  patienceMs: number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

interface Waiting {
  readonly since: number;
  readonly settle: (isTurn: boolean) => void;
}

/**
 * Questions take turns, and one that nobody waits for any more is not begun. Without this, a database that was away is busy with
 * dead questions when it comes back, and those that are asked meanwhile die behind them.
 */
export class QuestionQueue {
  private waiting: Waiting[] = [];
  private open = 0;
  private readonly now: () => number;

  constructor(private readonly options: QuestionQueueOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** @returns false if it was dropped. Rejects as `answer` does */
  async pass(answer: () => Promise<void>): Promise<boolean> {
    if (!(await this.turn())) return false;
    try {
      await answer();
      return true;
    } finally {
      this.open--;
      this.handOn();
    }
  }

  private turn(): Promise<boolean> {
    this.dropDead();
    if (this.open < this.options.maxOpen) {
      this.open++;
      return Promise.resolve(true);
    }
    return new Promise((settle) => this.waiting.push({ since: this.now(), settle }));
  }

  private handOn(): void {
    this.dropDead();
    const next = this.waiting.shift();
    if (!next) return;
    this.open++;
    next.settle(true);
  }

  /** They stand in the order in which they came, so those that wait for too long stand in front. */
  private dropDead(): void {
    const deadline = this.now() - this.options.patienceMs;
    const alive = this.waiting.findIndex(({ since }) => since > deadline);
    const dead = this.waiting.splice(0, alive < 0 ? this.waiting.length : alive);
    for (const { settle } of dead) settle(false);
  }
}
