import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { tooManyChecks } from './mail-check-problems.js';
import { spendCheck } from './spend-check.js';

/** Networks over their limit that are remembered: about a megabyte. One that is forgotten is only asked about in the database again. */
const MAX_REMEMBERED = 10_000;

/** How many mails one network may have checked. A network that is over its limit costs no statement until its window ends. */
@Injectable()
export class CheckBudget {
  /** Until when a network is refused, by `performance.now()`. The oldest first. */
  private readonly refusedUntil = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /**
   * @param network of the client
   * @throws Problem 429 `too_many_checks`
   */
  async spend(network: string): Promise<void> {
    const left = (this.refusedUntil.get(network) ?? 0) - performance.now();
    if (left > 0) throw tooManyChecks(Math.ceil(left / 1_000));
    this.refusedUntil.delete(network);
    const seconds = await spendCheck(await this.database.whenReady(), network);
    if (seconds === null) return;
    this.remember(network, performance.now() + seconds * 1_000);
    throw tooManyChecks(seconds);
  }

  private remember(network: string, until: number): void {
    this.refusedUntil.set(network, until);
    const [oldest] = this.refusedUntil.keys();
    if (this.refusedUntil.size > MAX_REMEMBERED && oldest !== undefined) this.refusedUntil.delete(oldest);
  }
}
