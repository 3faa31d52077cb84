import { OutboxError } from './outbox.errors.js';

export interface GroupCommitOptions<T, R> {
  /** Most items in one commit. Default 250. */
  maxItems?: number;
  /** How long the first item of a group waits for others, in milliseconds. Default 1: under load they gather while a commit runs. */
  maxDelayMs?: number;
  /**
   * How many commits run at a time, each on its own connection. Default 1: for inserts alone a second one adds nothing on two
   * cores (19 k items/s either way), and one at a time keeps the order in which items came. Whoever has much to do besides
   * takes two of these, as intake does.
   */
  maxCommits?: number;
  /** Writes all items in one transaction, all or nothing, and answers one result per item in the same order. */
  commit(items: T[]): Promise<R[]>;
  /** Whether the error comes from an item rather than from the surroundings, so that the others would succeed without it. */
  isDataError(error: unknown): boolean;
}

interface Waiting<T, R> {
  item: T;
  since: number;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Lets many callers share one transaction. Each gets the result of its own item: when a commit fails because of the
 * data, the group is halved until the bad item stands alone and rejects alone, with its own error; when it fails for a
 * passing reason, all callers get that error and decide themselves.
 */
export class GroupCommit<T, R> {
  private readonly maxItems: number;
  private readonly maxDelayMs: number;
  private readonly maxCommits: number;
  private readonly queue: Waiting<T, R>[] = [];
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isDraining = false;

  constructor(private readonly options: GroupCommitOptions<T, R>) {
    this.maxItems = options.maxItems ?? 250;
    this.maxDelayMs = options.maxDelayMs ?? 1;
    this.maxCommits = options.maxCommits ?? 1;
  }

  /** Resolves after the commit that holds the item; rejects with the item's own error, or with the passing fault. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.queue.push({ item, since: Date.now(), resolve, reject });
      this.schedule();
    });
  }

  /** Commits what waits without further delay and resolves when nothing is left. Never rejects. */
  async drain(): Promise<void> {
    this.isDraining = true;
    this.schedule();
    while (this.running.size > 0) await Promise.all(this.running);
    this.isDraining = false;
  }

  private schedule(): void {
    while (this.isDue() && this.running.size < this.maxCommits) this.start();
    if (this.queue.length === 0) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    if (this.timer !== undefined || this.queue.length === 0 || this.running.size >= this.maxCommits) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.schedule();
    }, this.remainingMs());
  }

  private isDue(): boolean {
    if (this.queue.length === 0) return false;
    return this.isDraining || this.queue.length >= this.maxItems || this.remainingMs() <= 0;
  }

  private remainingMs(): number {
    const first = this.queue[0];
    return first === undefined ? 0 : first.since + this.maxDelayMs - Date.now();
  }

  private start(): void {
    const group = this.queue.splice(0, this.maxItems);
    const running: Promise<void> = this.settle(group).finally(() => {
      this.running.delete(running);
      this.schedule();
    });
    this.running.add(running);
  }

  /** Commits a group, halving it for as long as its data is refused. Never rejects. */
  private async settle(group: Waiting<T, R>[]): Promise<void> {
    let results: R[];
    try {
      results = await this.options.commit(group.map((waiting) => waiting.item));
    } catch (error) {
      if (group.length === 1 || !this.options.isDataError(error)) return rejectAll(group, error);
      const middle = Math.ceil(group.length / 2);
      await this.settle(group.slice(0, middle));
      return this.settle(group.slice(middle));
    }
    // Not halved: whatever it was that answered, it has committed.
    if (results.length !== group.length) return rejectAll(group, wrongResultCount(results.length, group.length));
    for (const [index, waiting] of group.entries()) waiting.resolve(results[index] as R);
  }
}

function rejectAll<T, R>(group: Waiting<T, R>[], error: unknown): void {
  for (const waiting of group) waiting.reject(error);
}

function wrongResultCount(actual: number, expected: number): OutboxError {
  const message = `commit answered ${actual} results for ${expected} items: answer one per item, in the same order`;
  return new OutboxError('wrong_result_count', message);
}
