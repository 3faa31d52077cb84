import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isTransientError } from '@bellhop/postgres';
import { Signal } from '@bellhop/waiting';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Allowance, Channel, Provider } from '../channels/channel.js';
import { Capacity, POLL_MS } from './capacity.js';
import type { LeasedDelivery } from './delivery.js';
import type { DispatchResources } from './dispatch-resources.js';
import { claimDue } from './leases/claim-due.js';
import { LeaseManager } from './leases/lease-manager.js';
import { GuestLinks } from './links/guest-links.js';
import type { Result } from './outcomes/outcome-recorder.js';
import { deleteUnused } from './outcomes/wipe-frozen.js';
import { Release } from './release.js';
import { Sender } from './sender.js';

/** How long a claim waits for more capacity while less than half is free, in milliseconds. */
const GATHER_MS = 10;
const SHORT_POLL_MS = 100;

/**
 * The loop of one channel: claim what is due, check again, render, freeze, commit `sending`, call the provider, record. Guests'
 * mails wait for their links outside the loop, and come in again when those are there.
 * Any number of replicas run it at once; the leases in Postgres keep them apart.
 */
export class Dispatcher {
  private readonly log: Logger;
  private readonly owner = randomUUID();
  /** Something is due. */
  private readonly due = new Signal();
  /** There is capacity again. */
  private readonly freed = new Signal();
  private readonly leases: LeaseManager;
  private readonly links: GuestLinks;
  private readonly capacity: Capacity;
  private readonly release: Release;
  private readonly sender: Sender;
  private isStopping = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly channel: Channel,
    private readonly resources: DispatchResources,
  ) {
    this.log = new Logger(`Dispatcher ${channel.name}`);
    this.leases = new LeaseManager(channel, resources);
    this.links = new GuestLinks(resources.rpc, () => this.due.notify());
    this.capacity = new Capacity(channel, () => this.freed.notify());
    this.release = new Release(this.leases, () => this.freed.notify());
    const { leases, capacity, release, freed } = this;
    this.sender = new Sender({ channel, resources, leases, capacity, release, freed });
  }

  start(): void {
    this.leases.start();
    this.loop = this.run();
    for (const provider of this.channel.providers) void this.verify(provider);
  }

  /** Logs a wrong set-up at start instead of at the first delivery. Nothing waits for it. */
  private async verify(provider: Provider): Promise<void> {
    try {
      const problem = await provider.verify?.();
      if (problem && !this.isStopping) this.log.warn({ message: problem });
    } catch (error) {
      this.log.error({ message: 'provider not checked: its first delivery will tell', provider: provider.name, error });
    }
  }

  /** Something is due now. */
  wake(): void {
    this.due.notify();
  }

  /** Stops claiming and lets requests under way finish. Lease expiry handles the rest. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.sender.stop();
    this.due.notify();
    this.freed.notify();
    const { database } = this.resources;
    // Without a database the loop waits for one and holds no leases.
    if (database.isReady) await this.loop;
    await this.links.stop();
    await this.releaseLinked(database.background);
    // Requests under way get a few seconds, then end with an outcome, which is recorded like any other.
    await this.channel.close();
    while (this.leases.size > 0) {
      await this.freed.wait(POLL_MS);
      // A loop that was not waited for may have set aside more.
      await this.releaseLinked(database.background);
    }
    await this.leases.stop();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const dataSource = await this.resources.database.whenBackgroundReady();
        await this.takeLinks(dataSource);
        const claimed = await this.claim(dataSource);
        if (claimed.length > 0) await this.dispatch(dataSource, claimed);
        else if (!this.isStopping) await this.due.wait(this.pollMs());
      } catch (error) {
        this.log.warn({ message: 'claim failed, trying again', retryMs: POLL_MS, error });
        await this.due.wait(POLL_MS);
      }
    }
  }

  /** Goes on with guests' mails whose links have come, and releases those that got none. */
  private async takeLinks(dataSource: DataSource): Promise<void> {
    const { linked, released } = this.links.take();
    await this.release.until(dataSource, released);
    if (linked.size > 0) await this.dispatch(dataSource, [...linked.keys()], linked);
  }

  private async releaseLinked(dataSource: DataSource): Promise<void> {
    const { linked, released } = this.links.take();
    await this.release.until(dataSource, released);
    await this.release.soon(dataSource, [...linked.keys()], { spreadMs: 0 });
  }

  /** Until something may be due: while only codes may be sent, alerts wait for capacity alone. */
  private pollMs(): number {
    const { calls, againInMs } = this.allowance();
    return calls > 0 ? POLL_MS : Math.min(Math.max(againInMs, SHORT_POLL_MS), POLL_MS);
  }

  private allowance(): Required<Allowance> {
    const { channel, capacity } = this;
    const { requestedCalls } = capacity.allowance(channel.provider(true));
    return { ...capacity.allowance(channel.provider()), requestedCalls };
  }

  /**
   * Claims no more than may go at once: what waited here would hold up what is more urgent, and would be `unknown` for nothing if
   * this process crashed.
   */
  private async claim(dataSource: DataSource): Promise<LeasedDelivery[]> {
    for (;;) {
      const { calls, requestedCalls, againInMs } = this.allowance();
      if (calls + requestedCalls > 0) break;
      if (this.isStopping) return [];
      await this.freed.wait(Math.min(againInMs, POLL_MS));
    }
    // Capacity becomes free one by one; a statement for each would cost more than the mail.
    if (this.capacity.isScarce(this.channel.provider())) await pause(GATHER_MS);
    if (this.isStopping) return [];
    const startedAt = performance.now();
    const { calls, requestedCalls } = this.allowance();
    const claimed = await claimDue(dataSource, {
      channel: this.channel,
      limit: calls * this.channel.provider().maxBatch,
      requestedLimit: requestedCalls,
      owner: this.owner,
      leaseMs: this.resources.settings.leaseMs,
    });
    this.leases.hold(claimed, startedAt);
    return claimed;
  }

  /**
   * Prepares one claim and starts to send it. One claim after the other, so that each sees in the database what the one before has
   * sent; requests themselves run concurrently. Never rejects.
   */
  private async dispatch(
    dataSource: DataSource,
    claimed: readonly LeasedDelivery[],
    links?: ReadonlyMap<LeasedDelivery, string>,
  ): Promise<void> {
    const notBegun = new Set(claimed);
    try {
      // failpoint: dispatch.claimed
      const { preparation, recorder } = this.resources;
      const prepared = await preparation.prepare({ channel: this.channel, dataSource, claimed, links });
      // failpoint: dispatch.prepared
      const { batches, settled, held, done, abandoned, unlinked } = prepared;
      for (const delivery of unlinked) notBegun.delete(delivery);
      this.links.request(unlinked);
      if (held.length > 0) await recorder.hold(held);
      this.release.forget([...done, ...held.map(({ delivery }) => delivery)]);
      await Promise.all(settled.map(({ delivery, result }) => this.recordResult(delivery, result)));
      await this.sender.sendAll(dataSource, batches, (delivery) => notBegun.delete(delivery));
      if (abandoned.length > 0) await deleteUnused(dataSource.manager, abandoned);
    } catch (error) {
      const deliveries = [...notBegun];
      const isTransient = isTransientError(error);
      this.log.warn({
        message: 'dispatch failed, deliveries released',
        deliveries: deliveries.length,
        isTransient,
        error,
      });
      await this.release.soon(dataSource, deliveries);
    }
  }

  /** Records a result that needs no provider. If that fails, lease expiry will retry it; others are not delayed. */
  private async recordResult(delivery: LeasedDelivery, result: Result): Promise<void> {
    try {
      await this.resources.recorder.record(delivery, result);
    } catch (error) {
      this.log.error({ message: 'outcome not recorded: lease expiry will retry', delivery: delivery.id, error });
    } finally {
      this.release.forget([delivery]);
    }
  }
}
