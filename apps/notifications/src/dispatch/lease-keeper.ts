import { appendEvents } from '@bellhop/outbox';
import { Database } from '@bellhop/service';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Settings } from '../settings.js';
import type { LeasedDelivery } from './delivery.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { expireLeases } from './expire-leases.js';
import { notificationEvent } from './notification-events.js';
import { renewLeases } from './renew-leases.js';
import { wipeFrozen } from './wipe-frozen.js';

/** Keeps our own leases alive, and sweeps up those of dispatchers that died. */
@Injectable()
export class LeaseKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(LeaseKeeper.name);
  /** Delivery id → the lease, and until when it lasts by this process's monotonic clock. */
  private readonly held = new Map<string, { delivery: LeasedDelivery; untilMs: number }>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly metrics: DispatchMetrics,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.keep());
    }, this.settings.leaseMs / 3);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  get size(): number {
    return this.held.size;
  }

  /** @param sinceMs `performance.now()` before the statement that gave the lease, so that we never believe in it too long */
  hold(deliveries: readonly LeasedDelivery[], sinceMs: number): void {
    for (const delivery of deliveries) {
      this.held.set(delivery.id, { delivery, untilMs: sinceMs + this.settings.leaseMs });
    }
  }

  release(deliveries: readonly LeasedDelivery[]): void {
    for (const { id, fence } of deliveries) {
      if (this.held.get(id)?.delivery.fence === fence) this.held.delete(id);
    }
  }

  has({ id, fence }: LeasedDelivery): boolean {
    return this.held.get(id)?.delivery.fence === fence;
  }

  isLost(delivery: LeasedDelivery): boolean {
    return !this.has(delivery) || (this.held.get(delivery.id)?.untilMs ?? 0) <= performance.now();
  }

  private async keep(): Promise<void> {
    try {
      const dataSource = await this.database.whenReady();
      const { leaseMs, unknownWaitMs } = this.settings;
      const held = [...this.held.values()].map(({ delivery }) => delivery);
      const sinceMs = performance.now();
      const renewed = held.length > 0 ? await renewLeases(dataSource, held, leaseMs) : new Set<string>();
      this.hold(
        held.filter((delivery) => renewed.has(delivery.id) && this.has(delivery)),
        sinceMs,
      );
      const dead = await dataSource.transaction(async (manager) => {
        const expired = await expireLeases(manager, unknownWaitMs);
        if (expired.length === 0) return expired;
        await wipeFrozen(
          manager,
          expired.map(({ id }) => id),
        );
        const now = new Date();
        await appendEvents(
          manager,
          expired.map((one) => notificationEvent('notification.dead.v1', one, now, 'no_answer')),
        );
        return expired;
      });
      for (const delivery of dead) {
        this.metrics.count('dead', delivery);
        this.log.warn({ message: 'delivery', delivery: delivery.id, state: 'dead', reason: 'no_answer' });
      }
    } catch (error) {
      this.log.warn({ message: 'leases could not be kept, trying again', error: String(error) });
    }
  }
}
