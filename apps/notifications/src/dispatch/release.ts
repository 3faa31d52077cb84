import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { LeasedDelivery } from './delivery.js';
import type { LeaseManager } from './leases/lease-manager.js';
import { markRetrying, type Retrying } from './outcomes/mark-retrying.js';

const SPREAD_MS = 5_000;

/** How a dispatcher ends its leases on deliveries that it does not send. */
export class Release {
  private readonly log = new Logger(Release.name);

  /** @param onReleased called whenever there is capacity again */
  constructor(
    private readonly leases: LeaseManager,
    private readonly onReleased: () => void,
  ) {}

  /** What is settled, or waits in the database already. */
  forget(deliveries: readonly LeasedDelivery[]): void {
    this.leases.release(deliveries);
    this.onReleased();
  }

  /** Makes deliveries that were claimed but not begun due again: at random within `spreadMs`, once `leastMs` have passed. */
  async soon(
    dataSource: DataSource,
    deliveries: readonly LeasedDelivery[],
    { leastMs = 0, spreadMs = SPREAD_MS } = {},
  ): Promise<void> {
    const held = deliveries.filter((delivery) => this.leases.has(delivery));
    // Spread out, so that what failed together is not claimed together again; but a batch stays together.
    const waits = new Map(held.map(({ id, batchId }) => [batchId ?? id, leastMs + spreadMs * Math.random()]));
    const rows = held.map((delivery) => ({
      delivery,
      reason: 'given_back',
      waitMs: waits.get(delivery.batchId ?? delivery.id) ?? 0,
      isFree: true,
    }));
    await this.until(dataSource, rows);
  }

  /** Makes deliveries due again when each says. Without a database their leases run out instead. */
  async until(dataSource: DataSource, rows: readonly Retrying[]): Promise<void> {
    // Without rows no capacity becomes free: reporting it would make a waiting caller loop.
    if (rows.length === 0) return;
    await markRetrying(dataSource.manager, rows).catch((error: unknown) => {
      this.log.warn({ message: 'release failed: lease expiry will retry', deliveries: rows.length, error });
    });
    this.forget(rows.map(({ delivery }) => delivery));
  }
}
