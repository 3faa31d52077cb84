import { OutboxError } from './outbox.errors.js';

export interface GroupCommitOptions<T, R> {
  /** Most items in one commit. Default 250. */
  maxItems?: number;
  /** How long the first item of a group waits for others, in milliseconds. Default 5. */
  maxDelayMs?: number;
  /**
   * Writes all items in one transaction, all or nothing, and answers one result per item in the same order.
   * @param mayFollow lets the next group begin on another connection before this one is committed: for when nothing can change
   * their order any more, because this one holds the locks that decide it. The database then has work while this process
   * prepares more, and the other way round. Without it, one group goes after the other.
   */
  commit(items: T[], mayFollow: () => void): Promise<R[]>;
  /** Whether the error comes from an item rather than from the surroundings, so that the others would succeed without it. */
  isDataError(error: unknown): boolean;
}

/** One at the database, one being prepared. */
const MAX_COMMITS = 2;

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
  private readonly queue: Waiting<T, R>[] = [];
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isDraining = false;
  /** The group that began last has not let another one follow yet. */
  private isHeld = false;

  constructor(private readonly options: GroupCommitOptions<T, R>) {
    this.maxItems = options.maxItems ?? 250;
    this.maxDelayMs = options.maxDelayMs ?? 5;
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
    while (this.isDue() && this.hasRoom()) this.start();
    if (this.queue.length === 0) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    if (this.timer !== undefined || this.queue.length === 0 || !this.hasRoom()) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.schedule();
    }, this.remainingMs());
  }

  private hasRoom(): boolean {
    return !this.isHeld && this.running.size < MAX_COMMITS;
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
    let isFollowed = false;
    this.isHeld = true;
    const mayFollow = () => {
      if (isFollowed) return;
      isFollowed = true;
      this.isHeld = false;
      this.schedule();
    };
    const running: Promise<void> = this.settle(group, mayFollow).finally(() => {
      this.running.delete(running);
      mayFollow();
      this.schedule();
    });
    this.running.add(running);
  }

  /** Commits a group, halving it for as long as its data is refused. Never rejects. */
  private async settle(group: Waiting<T, R>[], mayFollow: () => void): Promise<void> {
    let results: R[];
    try {
      results = await this.options.commit(
        group.map((waiting) => waiting.item),
        mayFollow,
      );
    } catch (error) {
      if (group.length === 1 || !this.options.isDataError(error)) return rejectAll(group, error);
      const middle = Math.ceil(group.length / 2);
      await this.settle(group.slice(0, middle), mayFollow);
      return this.settle(group.slice(middle), mayFollow);
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
