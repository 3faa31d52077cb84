import type { Signal } from '@bellhop/waiting';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Channel, Outcome, Provider } from '../channels/channel.js';
import { type Capacity, POLL_MS } from './capacity.js';
import type { LeasedDelivery } from './delivery.js';
import type { DispatchResources } from './dispatch-resources.js';
import type { LeaseManager } from './leases/lease-manager.js';
import { markRetrying } from './outcomes/mark-retrying.js';
import { ProviderTrouble } from './outcomes/provider-trouble.js';
import { type TransitionPolicy, transition } from './outcomes/transition.js';
import { type Batch, isBound, isRequested } from './preparation/batch.js';
import { beginSending } from './preparation/begin-sending.js';
import type { Release } from './release.js';

/** Claimed deliveries that cannot begin within this are released, so that urgent ones overtake them and their check is never stale. */
const LONG_WAIT_MS = 1_000;
const REFUSES_US =
  'our messages are refused because of our set-up or our quota: they wait and are tried again; check these settings and the account behind them';

/** What a sender shares with the dispatcher of its channel. */
interface SenderParts {
  readonly channel: Channel;
  readonly resources: DispatchResources;
  readonly leases: LeaseManager;
  readonly capacity: Capacity;
  readonly release: Release;
  readonly freed: Signal;
}

/** Takes prepared batches to the provider: commits `sending`, calls the channel, records each outcome. */
export class Sender {
  private isStopping = false;
  private readonly log: Logger;
  private readonly trouble = new ProviderTrouble();

  constructor(private readonly parts: SenderParts) {
    this.log = new Logger(`Dispatcher ${parts.channel.name}`);
  }

  /** What is not being sent by now is released. */
  stop(): void {
    this.isStopping = true;
  }

  /**
   * Starts as many batches at a time as there is capacity for; small batches can be more than the calls they were claimed for.
   * @param onBegun called for what is being sent, which must not be released any more
   */
  async sendAll(
    dataSource: DataSource,
    batches: readonly Batch[],
    onBegun: (delivery: LeasedDelivery) => void,
  ): Promise<void> {
    let waiting = batches;
    const endsAt = performance.now() + LONG_WAIT_MS;
    while (waiting.length > 0) {
      const next = this.nextOf(waiting);
      if (next.length > 0) {
        const ours = await this.begin(dataSource, next);
        for (const { members } of next) members.forEach(onBegun);
        for (const batch of ours) void this.send(dataSource, batch);
        waiting = waiting.filter((batch) => !next.includes(batch));
        continue;
      }
      waiting = await this.releaseOthers(dataSource, waiting);
      const [first] = waiting;
      if (!first) return;
      const { againInMs } = this.parts.capacity.allowance(first.provider);
      if (this.isStopping || performance.now() + againInMs > endsAt) {
        await this.parts.release.soon(dataSource, membersOf(waiting), { spreadMs: 0 });
        return;
      }
      await this.parts.freed.wait(Math.min(againInMs, POLL_MS));
    }
  }

  /**
   * Those that may begin at once, in their order. What guests have requested comes first, but one call is left to the alerts that wait:
   * else a flood of it would hold them up for as long as it lasts.
   */
  private nextOf(waiting: readonly Batch[]): Batch[] {
    // What was made for a provider that has stopped taking mails meanwhile may not begin.
    const able = waiting.filter((batch) => this.isCurrent(batch) || isBound(batch));
    const withAlerts = new Set(able.filter((batch) => !isRequested(batch)).map(({ provider }) => provider));
    const begun = new Map<Provider, { all: number; alerts: number }>();
    return able.filter((batch) => {
      const { provider } = batch;
      const { calls, requestedCalls } = this.parts.capacity.allowance(provider);
      const before = begun.get(provider) ?? { all: 0, alerts: 0 };
      begun.set(provider, before);
      const isAlert = !isRequested(batch);
      const kept = !isAlert && withAlerts.has(provider) && calls > 0 && requestedCalls > 1 ? 1 : 0;
      if (before.all >= requestedCalls - kept || (isAlert && before.alerts >= calls)) return false;
      before.all += 1;
      if (isAlert) before.alerts += 1;
      return true;
    });
  }

  private isCurrent(batch: Batch): boolean {
    return batch.provider === this.parts.channel.provider(isRequested(batch));
  }

  /** Only the provider that takes deliveries now is waited for: the others may be away for long. */
  private async releaseOthers(dataSource: DataSource, waiting: readonly Batch[]): Promise<readonly Batch[]> {
    const { capacity, release } = this.parts;
    const others = waiting.filter((batch) => !this.isCurrent(batch));
    const bound = others.filter(isBound);
    const waits = bound.map(({ provider }) =>
      Math.max(capacity.allowance(provider).againInMs, provider.leftAloneMs ?? 0),
    );
    // Nothing else may take them: to claim them sooner would be in vain.
    await release.soon(dataSource, membersOf(bound), { leastMs: Math.max(...waits, 0) });
    await release.soon(dataSource, membersOf(others.filter((batch) => !isBound(batch))), { spreadMs: 0 });
    return waiting.filter((batch) => this.isCurrent(batch));
  }

  /** Returns the batches with the members that are ours to send. */
  private async begin(dataSource: DataSource, batches: readonly Batch[]): Promise<Batch[]> {
    const startedAt = performance.now();
    const ours = await beginSending(dataSource, batches, this.parts.resources.settings.leaseMs);
    // failpoint: dispatch.begun
    const isOurs = ({ id }: LeasedDelivery) => ours.has(id);
    const begun = batches.map((batch) => ({ ...batch, members: batch.members.filter(isOurs) }));
    this.parts.leases.hold(membersOf(begun), startedAt);
    // Members of batches that could not begin whole.
    await this.parts.release.soon(
      dataSource,
      membersOf(batches).filter((one) => !isOurs(one)),
    );
    return begun.filter(({ members }) => members.length > 0);
  }

  private async send(dataSource: DataSource, batch: Batch): Promise<void> {
    const { id, provider, items, members } = batch;
    this.parts.capacity.take(provider);
    try {
      if (members.some((delivery) => this.parts.leases.isLost(delivery))) {
        // This process slept: another dispatcher may hold some of it by now. The others are retried at once.
        const lost = members.map((delivery) => ({ delivery, reason: 'lease_lost', waitMs: 0, isFree: true }));
        await markRetrying(dataSource.manager, lost);
        return;
      }
      const outcomes = await this.call(batch);
      // failpoint: dispatch.sent
      const outcomeOf = new Map(items.map(({ deliveryId }, index) => [deliveryId, outcomes[index]]));
      // The same random number for all: they become due together, and one request repeats all of them.
      const moment = { now: new Date(), random: Math.random() };
      const policy = this.policyOf(provider);
      await Promise.all(
        members.map((delivery) => {
          const outcome = outcomeOf.get(delivery.id);
          if (!outcome) throw new Error(`${provider.name} gave no outcome for ${delivery.id}`);
          return this.parts.resources.recorder.record(delivery, transition(delivery, outcome, policy, moment));
        }),
      );
    } catch (error) {
      // Nothing is lost: the lease expires, and `sending` becomes `unknown`.
      this.log.error({
        message: 'outcome not recorded: lease expiry will retry',
        batch: id,
        deliveries: members.length,
        error,
      });
    } finally {
      this.parts.capacity.free(provider);
      this.parts.release.forget(members);
    }
  }

  private async call(batch: Batch): Promise<readonly Outcome[]> {
    const { capacity, channel } = this.parts;
    const outcomes = await capacity.send(batch);
    for (const reason of this.trouble.news(outcomes, performance.now()))
      this.log.warn({ message: REFUSES_US, settings: channel.settings, reason });
    return outcomes;
  }

  private policyOf({ idempotent: isIdempotent }: Provider): TransitionPolicy {
    const { channel, resources } = this.parts;
    const { retrySchedule } = channel;
    return { isIdempotent, retrySchedule, unknownWaitMs: resources.settings.unknownWaitMs };
  }
}

function membersOf(batches: readonly Batch[]): LeasedDelivery[] {
  return batches.flatMap(({ members }) => members);
}
