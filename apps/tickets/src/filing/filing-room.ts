import { RpcClient, RpcError } from '@bellhop/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { countUnproven } from './count-unproven.js';
import { FilingLimits } from './filing-limits.js';
import { overBudget } from './filing-problems.js';
import { findCrowded } from './find-crowded.js';

/** What it costs nobody much to wait for: the question that sends the code is put anyway. */
const PATIENCE_MS = 1_000;
const ALARM_EVERY_MS = 60_000;

/** Whether one more ticket of a guest may lie here unproven. */
@Injectable()
export class FilingRoom {
  private readonly log = new Logger(FilingRoom.name);
  private alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly rpc: RpcClient,
    private readonly limits: FilingLimits,
  ) {}

  /** Why no code would be sent, before anything is written; null when one would be, or when nobody can tell. */
  async refusalOf(filing: {
    readonly guest: { readonly email: string };
    readonly network: string;
  }): Promise<Error | null> {
    const question = { purpose: 'filing', email: filing.guest.email, network: filing.network } as const;
    try {
      await this.rpc.request('roomForCode', question, { timeoutMs: PATIENCE_MS });
      return null;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return error.code === 'over_budget' ? overBudget(error.retryAfterSeconds, error) : null;
    }
  }

  /**
   * Counts what lies unproven. Too many in all is no reason to refuse somebody who has filed nothing: whoever has brought it there could
   * keep all others out for three days.
   *
   * @throws Problem 429 `over_budget`
   */
  async check(manager: EntityManager, guestKey: string, network: string): Promise<void> {
    const { perAddress, perInstance } = this.limits;
    const { ofGuest, ofAll } = await countUnproven(manager, guestKey, perInstance);
    if (ofGuest >= perAddress) throw overBudget();
    if (ofAll < perInstance) return;
    this.alarm();
    if (await findCrowded(manager, this.limits.shareOf(network))) throw overBudget();
  }

  /** Once a minute: it concerns everybody, and whoever caused it files many times a second. */
  private alarm(): void {
    const now = performance.now();
    if (now < this.alarmedAt + ALARM_EVERY_MS) return;
    this.alarmedAt = now;
    const message =
      'more tickets lie unproven than MAX_UNPROVEN_TICKETS: networks that have filed one within a day are refused until it is over; is somebody filing in the name of others?';
    this.log.warn({ message, limit: this.limits.perInstance });
  }
}
