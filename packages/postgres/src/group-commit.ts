import { PostgresUsageError } from './postgres.errors.js';

export interface GroupCommitOptions<T, R> {
  /** Most items in one commit. Default 250. */
  maxItems?: number;
  /** Writes all items in one transaction, all or nothing, and answers one result per item in the same order. */
  commit(items: T[]): Promise<R[]>;
  /** Whether the error comes from an item rather than from the surroundings, so that the others would succeed without it. */
  isDataError(error: unknown): boolean;
}

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Lets many callers share one transaction. Each gets the result of its own item: when a commit fails because of the
 * data, the group is halved until the bad item stands alone and rejects alone, with its own error; when it fails for a
 * transient reason, all callers get that error and decide themselves.
 *
 * One commit at a time, in the order in which items came. Nobody waits for company beyond this turn of the event loop: under
 * load, items gather while a commit runs.
 */
export class GroupCommit<T, R> {
  private readonly maxItems: number;
  private readonly queue: Waiting<T, R>[] = [];
  private isRunning = false;

  constructor(private readonly options: GroupCommitOptions<T, R>) {
    this.maxItems = options.maxItems ?? 250;
  }

  /** Resolves after the commit that holds the item; rejects with the item's own error, or with the transient error. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      if (!this.isRunning) void this.run();
    });
  }

  /** Commits until nothing is left. Never rejects. */
  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      while (this.queue.length > 0) {
        // What has arrived by now is read first.
        await new Promise((resolve) => setImmediate(resolve));
        await this.settle(this.queue.splice(0, this.maxItems));
      }
    } finally {
      this.isRunning = false;
    }
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

function wrongResultCount(actual: number, expected: number): PostgresUsageError {
  const message = `commit answered ${actual} results for ${expected} items: answer one per item, in the same order`;
  return new PostgresUsageError('wrong_result_count', message);
}
