import { appendEvents } from '@bellhop/outbox';
import { Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { check } from './check.js';
import { type LeasedDelivery, TICKETS_WAITING } from './delivery.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { type FoldedTeam, foldTeam, MIN_OTHERS } from './fold-team.js';
import type { Standing } from './load-standing.js';
import { notificationEvents } from './notification-events.js';
import { wipeFrozen } from './wipe-frozen.js';

/** One mail to the team instead of many. */
export interface TeamMail {
  readonly leader: LeasedDelivery;
  readonly tickets: number;
  /** What is settled by it, of those that we hold. */
  readonly folded: ReadonlySet<LeasedDelivery>;
}

/**
 * The mailbox of the team hears of every ticket that nobody has. Somebody who files hundreds must not bury it: when more than a
 * few mails wait for it, the most urgent goes and tells of all of them.
 */
@Injectable()
export class TeamMails {
  private readonly log = new Logger(TeamMails.name);

  constructor(private readonly metrics: DispatchMetrics) {}

  /** Without a query unless the claim holds mails to the team that may go, and there are enough of them. */
  async fold(
    dataSource: DataSource,
    claimed: readonly LeasedDelivery[],
    standing: ReadonlyMap<string, Standing>,
  ): Promise<TeamMail | null> {
    const mayGo = claimed.filter((delivery) => {
      const facts = standing.get(delivery.id);
      const isTried = delivery.unknowns > 0;
      return facts && delivery.role === 'team' && !isTried && check(delivery, facts, new Map()).kind === 'send';
    });
    // One that was frozen before goes as it went.
    const leader = mayGo.find(({ batchId }) => batchId === null);
    const waiting = leader ? (standing.get(leader.id)?.teamWaiting ?? 0) : 0;
    if (!leader || mayGo.length - 1 + waiting < MIN_OTHERS) return null;
    const others = mayGo.filter((delivery) => delivery !== leader);
    const { tickets, folded } = await this.commit(dataSource, leader, others).catch((error: unknown) => {
      // Then each goes by itself.
      this.log.error({ message: 'mails to the team could not be folded', delivery: leader.id, error: String(error) });
      return NOTHING;
    });
    if (folded.length === 0) return null;
    for (const one of folded) this.metrics.count('skipped', one);
    this.log.log({ message: 'mails to the team folded into one', delivery: leader.id, folded: folded.length, tickets });
    const ids = new Set(folded.map(({ id }) => id));
    return { leader, tickets, folded: new Set(others.filter(({ id }) => ids.has(id))) };
  }

  private commit(
    dataSource: DataSource,
    leader: LeasedDelivery,
    others: readonly LeasedDelivery[],
  ): Promise<FoldedTeam> {
    return dataSource.transaction(async (manager) => {
      const all = await foldTeam(manager, leader, others);
      const now = new Date();
      await appendEvents(
        manager,
        all.folded.flatMap((one) => notificationEvents('notification.skipped.v1', one, now, 'folded')),
      );
      const ids = all.folded.map(({ id }) => id);
      if (ids.length > 0) await wipeFrozen(manager, ids);
      return all;
    });
  }
}

const NOTHING: FoldedTeam = { tickets: 0, folded: [] };

/** What that one mail says. */
export function contentOf({ tickets }: TeamMail) {
  return { template: TICKETS_WAITING, at: null, count: tickets } as const;
}
