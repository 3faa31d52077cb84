import { appendEvents } from '@bellhop/outbox';
import { isTransientError } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { Channel } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';
import type { DispatchResources } from '../dispatch-resources.js';
import { notificationEvents } from '../outcomes/notification-events.js';
import { wipeFrozen } from '../outcomes/wipe-frozen.js';
import { type ExpiredDelivery, expireLeases, MAX_UNKNOWNS } from './expire-leases.js';
import { renewLeases } from './renew-leases.js';

/** Renews the leases of one dispatcher, and ends those of dispatchers of the same channel that crashed. */
export class LeaseManager {
  private readonly log: Logger;
  /** Delivery id → the lease, and until when it lasts by this process's monotonic clock. */
  private readonly held = new Map<string, { delivery: LeasedDelivery; untilMs: number }>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private readonly leaseMs: number;

  constructor(
    private readonly channel: Channel,
    private readonly resources: Pick<DispatchResources, 'database' | 'metrics' | 'settings'>,
  ) {
    this.log = new Logger(`LeaseManager ${channel.name}`);
    this.leaseMs = resources.settings.leaseMs;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.keep());
    }, this.leaseMs / 3);
  }

  /** To be called when no lease is held any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  get size(): number {
    return this.held.size;
  }

  /** @param sinceMs `performance.now()` before the statement that gave the lease, so that we never overestimate it */
  hold(deliveries: readonly LeasedDelivery[], sinceMs: number): void {
    for (const delivery of deliveries) {
      this.held.set(delivery.id, { delivery, untilMs: sinceMs + this.leaseMs });
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

  isLost({ id, fence }: LeasedDelivery): boolean {
    const lease = this.held.get(id);
    return lease?.delivery.fence !== fence || lease.untilMs <= performance.now();
  }

  private async keep(): Promise<void> {
    try {
      const dataSource = await this.resources.database.whenBackgroundReady();
      await this.renew(dataSource);
      await this.sweep(dataSource);
    } catch (error) {
      this.log.warn({ message: 'leases not renewed, trying again', leases: this.held.size, error });
    }
  }

  private async renew(dataSource: DataSource): Promise<void> {
    const held = [...this.held.values()].map(({ delivery }) => delivery);
    if (held.length === 0) return;
    const sinceMs = performance.now();
    const renewed = await renewLeases(dataSource, held, this.leaseMs);
    // failpoint: leases.renewed
    this.hold(
      held.filter((delivery) => renewed.has(delivery.id) && this.has(delivery)),
      sinceMs,
    );
  }

  private async sweep(dataSource: DataSource): Promise<void> {
    const expired = await this.expire(dataSource).catch((error: unknown) => {
      if (isTransientError(error)) throw error;
      // One event that cannot be written must not keep every other lease from being ended.
      this.log.error({ message: 'leases expired without their events', error });
      return this.expire(dataSource, { isSilent: true });
    });
    for (const one of expired) {
      const { id, state } = one;
      this.resources.metrics.count(state, one);
      this.log.warn({ message: 'delivery', delivery: id, state, reason: 'lease_expired' });
    }
  }

  private expire(dataSource: DataSource, { isSilent = false } = {}): Promise<ExpiredDelivery[]> {
    return dataSource.transaction(async (manager) => {
      const { name, providers } = this.channel;
      const keyed = providers.filter(({ idempotent }) => idempotent).map((provider) => provider.name);
      const rows = await expireLeases(manager, {
        channel: name,
        unknownWaitMs: this.resources.settings.unknownWaitMs,
        maxUnknowns: keyed.length === providers.length ? null : MAX_UNKNOWNS,
        keyed,
      });
      if (rows.length === 0) return rows;
      const dead = rows.filter(({ state }) => state === 'dead');
      if (dead.length > 0) await this.giveUp(manager, dead, isSilent);
      // failpoint: leases.expired
      return rows;
    });
  }

  private async giveUp(manager: EntityManager, dead: readonly ExpiredDelivery[], isSilent: boolean): Promise<void> {
    await wipeFrozen(
      manager,
      dead.map(({ id }) => id),
    );
    if (isSilent) return;
    const now = new Date();
    await appendEvents(
      manager,
      dead.flatMap((one) => notificationEvents('notification.dead.v1', one, now, 'no_answer')),
    );
  }
}
