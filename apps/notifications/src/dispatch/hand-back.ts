import type { DataSource } from 'typeorm';
import type { LeasedDelivery } from './delivery.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { markRetrying, type Retrying } from './mark-retrying.js';

const GIVE_BACK_MS = 5_000;

/** The ways in which a dispatcher gets rid of what it holds without having sent it. */
export class HandBack {
  /** @param onRoom called whenever there is room again */
  constructor(
    private readonly leases: LeaseKeeper,
    private readonly onRoom: () => void,
  ) {}

  letGo(deliveries: readonly LeasedDelivery[]): void {
    this.leases.release(deliveries);
    this.onRoom();
  }

  /** What was claimed but not begun is due again soon. Without a database the lease runs out instead. */
  async giveBack(
    dataSource: DataSource,
    deliveries: readonly LeasedDelivery[],
    longestMs = GIVE_BACK_MS,
  ): Promise<void> {
    const held = deliveries.filter((delivery) => this.leases.has(delivery));
    // Spread out, so that what failed together is not claimed together again; but a batch stays together.
    const waits = new Map(held.map(({ id, batchId }) => [batchId ?? id, longestMs * Math.random()]));
    const rows = held.map((delivery) => ({
      delivery,
      reason: 'given_back',
      waitMs: waits.get(delivery.batchId ?? delivery.id) ?? 0,
      isFree: true,
    }));
    await this.waitFor(dataSource, rows);
  }

  /** Due again when each says. */
  async waitFor(dataSource: DataSource, rows: readonly Retrying[]): Promise<void> {
    // Nothing makes no room: whoever hands it back while waiting for some would go round and round.
    if (rows.length === 0) return;
    await markRetrying(dataSource.manager, rows).catch(() => undefined);
    this.letGo(rows.map(({ delivery }) => delivery));
  }
}
