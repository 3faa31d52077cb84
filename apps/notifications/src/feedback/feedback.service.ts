import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database } from '@bellhop/service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CHANNELS, type Channel } from '../channels/channel.js';
import type { Report, WebhookStamp } from '../channels/report.js';
import { DispatchMetrics } from '../dispatch/dispatch-metrics.js';
import { type Applied, applyReports } from './apply-reports.js';
import { claimReceipts, type Receipt } from './claim-receipts.js';
import type { WebhookResult } from './feedback-metrics.js';

export interface Webhook {
  readonly stamp: WebhookStamp;
  /** Null when it is of a type that we do not use. */
  readonly report: Report | null;
}

interface Written {
  readonly receipts: readonly Receipt[];
  readonly applied: readonly Applied[];
  /** The reports that a delivery was found for. */
  readonly ours: ReadonlySet<Report>;
}

/** Records what the provider reports: many webhooks per transaction, each once. */
@Injectable()
export class FeedbackService {
  private readonly log = new Logger(FeedbackService.name);
  private readonly batch = new GroupCommit<Webhook, WebhookResult>({
    commit: (webhooks) => this.commit(webhooks),
    isDataError: (error) => !isTransientError(error),
  });

  constructor(
    private readonly database: Database,
    private readonly dispatched: DispatchMetrics,
    @Inject(CHANNELS) private readonly channels: readonly Channel[],
  ) {}

  /** Resolves when the webhook and its effects are committed; to `refused` when it is a replay. */
  async receive(webhook: Webhook): Promise<WebhookResult> {
    return this.batch.add(webhook);
  }

  private async commit(webhooks: Webhook[]): Promise<WebhookResult[]> {
    // Not retried here: without an answer the provider sends the webhook again.
    const { receipts, applied, ours } = await this.database.background.transaction((manager) =>
      this.write(manager, webhooks),
    );
    for (const one of applied) this.logChange(one);
    return webhooks.map(({ report }, index) => resultOf(receipts[index], report, ours));
  }

  private async write(manager: EntityManager, webhooks: readonly Webhook[]): Promise<Written> {
    const receipts = await claimReceipts(
      manager,
      webhooks.map(({ stamp }) => stamp),
    );
    const reports = webhooks.flatMap(({ report }, index) => (report && receipts[index] === 'fresh' ? [report] : []));
    const applied = reports.length > 0 ? await applyReports(manager, reports, this.channels) : [];
    // failpoint: webhook.recorded
    const ours = applied.flatMap(({ delivery }) => delivery.reports.map((n) => reports[n] as Report));
    return { receipts, applied, ours: new Set(ours) };
  }

  private logChange({ delivery, feedback, isNews, isSettled, reason }: Applied): void {
    if (isSettled) this.dispatched.count('accepted', delivery);
    if (!isNews && !isSettled) return;
    const state = isSettled ? { state: 'accepted' } : {};
    this.log.log({ message: 'feedback', delivery: delivery.id, feedback, ...state, ...(reason && { reason }) });
  }
}

function resultOf(receipt: Receipt | undefined, report: Report | null, ours: ReadonlySet<Report>): WebhookResult {
  if (receipt !== 'fresh') return receipt === 'repeated' ? 'repeated' : 'refused';
  if (!report) return 'ignored';
  return ours.has(report) ? report.kind : 'foreign';
}
