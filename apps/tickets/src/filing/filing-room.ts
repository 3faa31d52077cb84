import { RpcClient, RpcError } from '@bellhop/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { budgetsOf } from '../budgets/network-budgets.js';
import { countUnproven } from './count-unproven.js';
import { overBudget } from './filing-problems.js';
import { type Allowance, findCrowded } from './find-crowded.js';

/** A short wait: the request that sends the code follows in any case. */
const PATIENCE_MS = 1_000;
const ALARM_EVERY_MS = 60_000;

/** How many tickets may wait for their address to be proven. `guest-auth` limits how fast they come; this, how many there are. */
export class FilingLimits {
  /** More than the budget of one day lets anybody prove before they are deleted. */
  readonly perAddress = 10;

  /** @param perInstance above this, each network may only file its share of a day */
  constructor(readonly perInstance: number) {}

  /** The share of a network while there are too many in all: one a day; the networks around it have multiples of that. */
  shareOf(network: string): readonly Allowance[] {
    return budgetsOf(network).map(({ network, factor }) => ({ network, max: factor }));
  }
}

/** Decides whether one more unproven ticket of a guest may be kept. */
@Injectable()
export class FilingRoom {
  private readonly log = new Logger(FilingRoom.name);
  private alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly rpc: RpcClient,
    private readonly limits: FilingLimits,
  ) {}

  /** Why no code would be sent, asked before anything is written; null when one would be, or when that is unknown. */
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
   * Counts unproven tickets. While there are too many in all, only networks that have filed lately are refused: else whoever filed them
   * could lock everybody out for three days.
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

  /** Logged once a minute: whoever causes it files many times a second. */
  private alarm(): void {
    const now = performance.now();
    if (now < this.alarmedAt + ALARM_EVERY_MS) return;
    this.alarmedAt = now;
    const message =
      'more tickets lie unproven than MAX_UNPROVEN_TICKETS: networks that have filed one within a day are refused until it is over; is somebody filing in the name of others?';
    this.log.warn({ message, limit: this.limits.perInstance });
  }
}
