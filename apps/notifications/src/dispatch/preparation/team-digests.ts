import { appendEvents } from '@bellhop/outbox';
import { Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { type LeasedDelivery, TICKETS_WAITING } from '../delivery.js';
import { DispatchMetrics } from '../dispatch-metrics.js';
import { notificationEvents } from '../outcomes/notification-events.js';
import { wipeFrozen } from '../outcomes/wipe-frozen.js';
import type { Claimed } from './claimed.js';
import type { PreSendState } from './load-pre-send-state.js';
import { type MergedTeam, MIN_OTHERS, mergeTeamDeliveries } from './merge-team-deliveries.js';
import { preSendCheck } from './pre-send-check.js';

/** One message to the team instead of many. */
export interface TeamDigest {
  readonly leader: LeasedDelivery;
  readonly tickets: number;
  /** What is settled by it, of those that we hold. */
  readonly merged: ReadonlySet<LeasedDelivery>;
}

/**
 * The team is notified of every ticket that nobody has. Somebody who files hundreds must not bury its mailbox: when more than a
 * few deliveries wait for it, the most urgent goes and tells of all of them.
 */
@Injectable()
export class TeamDigests {
  private readonly log = new Logger(TeamDigests.name);

  constructor(private readonly metrics: DispatchMetrics) {}

  /** Without a query unless the claim holds deliveries to the team that may go, and there are enough of them. */
  async merge(
    { channel, dataSource, claimed }: Claimed,
    states: ReadonlyMap<string, PreSendState>,
  ): Promise<TeamDigest | null> {
    const mayGo = claimed.filter((delivery) => {
      const state = states.get(delivery.id);
      if (!state || delivery.role !== 'team' || delivery.unknowns > 0) return false;
      return preSendCheck(delivery, state, channel, new Map()).kind === 'send';
    });
    // One that was frozen before is sent again unchanged.
    const leader = mayGo.find(({ batchId }) => batchId === null);
    const waiting = leader ? (states.get(leader.id)?.teamWaiting ?? 0) : 0;
    if (!leader || mayGo.length - 1 + waiting < MIN_OTHERS) return null;
    const others = mayGo.filter((delivery) => delivery !== leader);
    const { tickets, merged } = await this.commit(dataSource, leader, others).catch((error: unknown) => {
      this.log.error({ message: 'team digest failed: each delivery goes by itself', delivery: leader.id, error });
      return NOTHING;
    });
    if (merged.length === 0) return null;
    for (const one of merged) this.metrics.count('skipped', one);
    this.log.log({ message: 'team digest', delivery: leader.id, merged: merged.length, tickets });
    const ids = new Set(merged.map(({ id }) => id));
    return { leader, tickets, merged: new Set(others.filter(({ id }) => ids.has(id))) };
  }

  private commit(
    dataSource: DataSource,
    leader: LeasedDelivery,
    others: readonly LeasedDelivery[],
  ): Promise<MergedTeam> {
    return dataSource.transaction(async (manager) => {
      const all = await mergeTeamDeliveries(manager, leader, others);
      const now = new Date();
      await appendEvents(
        manager,
        all.merged.flatMap((one) => notificationEvents('notification.skipped.v1', one, now, 'folded')),
      );
      const ids = all.merged.map(({ id }) => id);
      if (ids.length > 0) await wipeFrozen(manager, ids);
      return all;
    });
  }
}

const NOTHING: MergedTeam = { tickets: 0, merged: [] };

/** What that one message says. */
export function contentOf({ tickets }: TeamDigest) {
  return { template: TICKETS_WAITING, at: null, count: tickets } as const;
}
