import { setTimeout as pause } from 'node:timers/promises';
import { appendEvents, GroupCommit, isPassingFault } from '@bellhop/outbox';
import { Database } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Settings } from '../settings.js';
import type { LeasedDelivery } from './delivery.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { markAccepted } from './mark-accepted.js';
import { markRetrying } from './mark-retrying.js';
import { markSettled } from './mark-settled.js';
import { markUnknown } from './mark-unknown.js';
import { notificationEvent } from './notification-events.js';
import { suppress } from './suppress.js';
import type { Transition } from './transition.js';
import { wipeFrozen } from './wipe-frozen.js';

/** How long to wait for a database that is away before an outcome is offered to it again. */
const RETRY_MS = 500;

/** `leased → skipped` has no provider in it, so it is no {@link Transition}. */
export type Result = Transition | { readonly state: 'skipped'; readonly reason: string };

interface Entry {
  readonly delivery: LeasedDelivery;
  readonly result: Result;
}

type Of<S extends Result['state']> = { delivery: LeasedDelivery } & Extract<Result, { state: S }>;

/** Writes down what became of deliveries, many per transaction, together with the events that tell of it. */
@Injectable()
export class OutcomeRecorder {
  private readonly log = new Logger(OutcomeRecorder.name);
  private readonly batch = new GroupCommit<Entry, undefined>({
    commit: (entries) => this.commit(entries),
    isDataError: (error) => !isPassingFault(error),
  });

  constructor(
    private readonly database: Database,
    private readonly metrics: DispatchMetrics,
    private readonly settings: Settings,
  ) {}

  /** Resolves when it is committed. An outcome is never given up: a database that is away is waited for. */
  async record(delivery: LeasedDelivery, result: Result): Promise<void> {
    for (;;) {
      try {
        await this.batch.add({ delivery, result });
        break;
      } catch (error) {
        if (!isPassingFault(error)) throw error;
        await pause(RETRY_MS);
      }
    }
    this.metrics.count(result.state, delivery);
    this.log.log({ message: 'delivery', delivery: delivery.id, ...withoutRef(result) });
  }

  private async commit(entries: Entry[]): Promise<undefined[]> {
    const dataSource = await this.database.whenReady();
    await dataSource.transaction(async (manager) => {
      const now = new Date();
      await this.settle(manager, entries, now);
      const retrying = of(entries, 'retrying').map((entry) => ({
        ...entry,
        dueAt: new Date(now.getTime() + entry.waitMs),
      }));
      if (retrying.length > 0) await markRetrying(manager, retrying);
      const unknown = of(entries, 'unknown');
      if (unknown.length > 0) await markUnknown(manager, unknown, this.settings.unknownWaitMs);
    });
    return entries.map(() => undefined);
  }

  /** The end states: each wipes the frozen request and is told to other systems. */
  private async settle(manager: EntityManager, entries: readonly Entry[], now: Date): Promise<void> {
    const accepted = of(entries, 'accepted');
    const dead = of(entries, 'dead');
    const skipped = of(entries, 'skipped');
    if (accepted.length + dead.length + skipped.length === 0) return;
    const none = new Set<string>();
    const acceptedIds = accepted.length > 0 ? await markAccepted(manager, accepted) : none;
    const deadIds = dead.length > 0 ? await markSettled(manager, 'dead', dead) : none;
    const skippedIds = skipped.length > 0 ? await markSettled(manager, 'skipped', skipped) : none;
    await wipeFrozen(manager, [...acceptedIds, ...deadIds, ...skippedIds]);
    const refused = dead.filter((entry) => entry.suppress && deadIds.has(entry.delivery.id));
    if (refused.length > 0)
      await suppress(
        manager,
        refused.map(({ delivery, detail, reason }) => ({ delivery, reason: detail ?? reason })),
      );
    const changed = <T extends { delivery: LeasedDelivery }>(list: T[], ids: Set<string>) =>
      list.filter(({ delivery }) => ids.has(delivery.id));
    await appendEvents(manager, [
      ...changed(accepted, acceptedIds).map(({ delivery }) =>
        notificationEvent('notification.accepted.v1', delivery, now),
      ),
      ...changed(dead, deadIds).map(({ delivery, reason }) =>
        notificationEvent('notification.dead.v1', delivery, now, reason),
      ),
      ...changed(skipped, skippedIds).map(({ delivery, reason }) =>
        notificationEvent('notification.skipped.v1', delivery, now, reason),
      ),
    ]);
  }
}

function of<S extends Result['state']>(entries: readonly Entry[], state: S): Of<S>[] {
  return entries
    .filter(({ result }) => result.state === state)
    .map(({ delivery, result }) => ({ delivery, ...result }) as Of<S>);
}

function withoutRef(result: Result): object {
  if (result.state !== 'accepted') return result;
  const { ref: _, ...rest } = result;
  return rest;
}
