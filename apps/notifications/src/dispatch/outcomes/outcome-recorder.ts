import { setTimeout as pause } from 'node:timers/promises';
import { appendEvents } from '@bellhop/outbox';
import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Settings } from '../../config.js';
import type { LeasedDelivery } from '../delivery.js';
import { DispatchMetrics } from '../dispatch-metrics.js';
import { hastenWaiting, wasNotShown } from './hasten-waiting.js';
import { markAccepted } from './mark-accepted.js';
import { markRetrying, type Retrying } from './mark-retrying.js';
import { markSettled } from './mark-settled.js';
import { markUnknown } from './mark-unknown.js';
import { notificationEvents } from './notification-events.js';
import { type Suppression, suppress } from './suppress.js';
import type { Transition } from './transition.js';
import { wipeFrozen } from './wipe-frozen.js';

/** How long to wait before an outcome is offered again to a database that was unavailable. */
const RETRY_MS = 500;

/** A delivery that is skipped before any attempt has no outcome of a provider, and so no {@link Transition}. */
export type Result = Transition | { readonly state: 'skipped'; readonly reason: string };

interface PendingOutcome {
  readonly delivery: LeasedDelivery;
  readonly result: Result;
  /** Without its event. */
  readonly isSilent?: boolean;
}

type ChangedIds = Readonly<Record<'accepted' | 'dead' | 'skipped', ReadonlySet<string>>>;
type Of<S extends Result['state']> = { delivery: LeasedDelivery; isSilent: boolean } & Extract<Result, { state: S }>;

/** Records outcomes of deliveries, many per transaction, together with the events about them. */
@Injectable()
export class OutcomeRecorder {
  private readonly log = new Logger(OutcomeRecorder.name);
  private readonly batch = new GroupCommit<PendingOutcome, boolean>({
    commit: (entries) => this.commit(entries),
    isDataError: (error) => !isTransientError(error),
  });

  constructor(
    private readonly database: Database,
    private readonly metrics: DispatchMetrics,
    private readonly settings: Settings,
  ) {}

  /**
   * Resolves when it is committed, or when another holder has settled the delivery meanwhile. An outcome is never given up: it waits
   * for a database that is unavailable, and is recorded without its event if that cannot be written.
   */
  async record(delivery: LeasedDelivery, result: Result): Promise<void> {
    const hasChanged = await this.untilCommitted({ delivery, result }).catch((error: unknown) => {
      this.log.error({ message: 'outcome recorded without its event', delivery: delivery.id, error });
      return this.untilCommitted({ delivery, result, isSilent: true });
    });
    if (!hasChanged) return;
    this.metrics.count(result.state, delivery);
    this.logOutcome(delivery, result);
  }

  /** Postpones deliveries over a ceiling. No attempt was made, so no outcome can be lost. */
  async hold(held: readonly Retrying[]): Promise<void> {
    const changed = await markRetrying(this.database.background.manager, held);
    for (const { delivery, reason, waitMs } of held) {
      if (!changed.has(delivery.id)) continue;
      this.metrics.count('held', delivery);
      this.log.log({ ...wordsOf(delivery), state: 'retrying', reason, waitMs });
    }
  }

  /** Acceptance is the common case (thousands/s): debug only. */
  private logOutcome(delivery: LeasedDelivery, result: Result): void {
    const level = LEVELS[result.state] ?? 'log';
    this.log[level]({ ...wordsOf(delivery), ...result });
  }

  private async untilCommitted(entry: PendingOutcome): Promise<boolean> {
    for (;;) {
      try {
        return await this.batch.add(entry);
      } catch (error) {
        if (!isTransientError(error)) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  /** Answers, for each entry, whether it changed anything. */
  private async commit(entries: PendingOutcome[]): Promise<boolean[]> {
    const dataSource = await this.database.whenBackgroundReady();
    const changed = await dataSource.transaction(async (manager) => {
      const settled = await this.settle(manager, entries);
      const retrying = of(entries, 'retrying');
      const unknown = of(entries, 'unknown');
      const retryingIds = retrying.length > 0 ? await markRetrying(manager, retrying) : NONE;
      const unknownIds = unknown.length > 0 ? await markUnknown(manager, unknown) : NONE;
      // failpoint: record.written
      return { ...settled, retrying: retryingIds, unknown: unknownIds };
    });
    // failpoint: record.committed
    return entries.map(({ delivery, result }) => changed[result.state].has(delivery.id));
  }

  /**
   * End states: each deletes the frozen request and is published to other systems. Returns the ids that changed, by state: one
   * delivery may be here twice, with a late answer and with the end of an unanswered attempt, and only one of them counts.
   */
  private async settle(manager: EntityManager, entries: readonly PendingOutcome[]): Promise<ChangedIds> {
    const ends = { accepted: of(entries, 'accepted'), dead: of(entries, 'dead'), skipped: of(entries, 'skipped') };
    const { accepted, dead, skipped } = ends;
    if (accepted.length + dead.length + skipped.length === 0) return { accepted: NONE, dead: NONE, skipped: NONE };
    const ids: ChangedIds = {
      accepted: accepted.length > 0 ? await markAccepted(manager, accepted) : NONE,
      dead: dead.length > 0 ? await markSettled(manager, 'dead', dead) : NONE,
      skipped: skipped.length > 0 ? await markSettled(manager, 'skipped', skipped) : NONE,
    };
    await wipeFrozen(manager, [...ids.accepted, ...ids.dead, ...ids.skipped]);
    const refused = dead.filter(({ suppress: isRefused, delivery }) => isRefused && ids.dead.has(delivery.id));
    if (refused.length > 0) await suppress(manager, refused.map(toSuppression));
    const notShown = [...dead, ...skipped].filter((end) => ids[end.state].has(end.delivery.id) && wasNotShown(end));
    await hastenWaiting(
      manager,
      notShown.map(({ delivery }) => delivery),
      this.settings.digestWindow.quietMs,
    );
    const now = new Date();
    const events = [...accepted, ...dead, ...skipped]
      .filter(({ state, delivery, isSilent }) => ids[state].has(delivery.id) && !isSilent)
      .flatMap((end) =>
        notificationEvents(EVENT_OF[end.state], end.delivery, now, end.state === 'accepted' ? undefined : end.reason),
      );
    await appendEvents(manager, events);
    return ids;
  }
}

const EVENT_OF = {
  accepted: 'notification.accepted.v1',
  dead: 'notification.dead.v1',
  skipped: 'notification.skipped.v1',
} as const;

/** A person who is not notified at all may need an operator. */
const LEVELS: Partial<Record<Result['state'], 'debug' | 'warn'>> = { accepted: 'debug', dead: 'warn' };

/** What an operator searches for: the ticket's number, the system, the newest event. Never the recipient. */
function wordsOf({ id, channel, system, ticketNumber, eventIds }: LeasedDelivery) {
  return {
    message: 'delivery',
    delivery: id,
    channel,
    system,
    ticket: ticketNumber || undefined,
    event: eventIds.at(-1),
  };
}

const NONE: ReadonlySet<string> = new Set();

function of<S extends Result['state']>(entries: readonly PendingOutcome[], state: S): Of<S>[] {
  return entries
    .filter(({ result }) => result.state === state)
    .map(({ delivery, result, isSilent = false }) => ({ delivery, isSilent, ...result }) as Of<S>);
}

function toSuppression({ delivery, detail, reason }: Of<'dead'>): Suppression {
  const { id: deliveryId, channel, suppressionKey: key } = delivery;
  return { channel, key, deliveryId, reason: detail ?? reason, system: null };
}
