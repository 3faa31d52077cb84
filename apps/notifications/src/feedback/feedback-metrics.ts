import { Metrics } from '@bellhop/http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { ReportKind } from '../channels/report.js';

/**
 * The result of a webhook. `foreign`: about a mail that another app sent from the same account. `ignored`: of a type that we do
 * not use. `repeated`: sent again because our answer was lost. `refused`: not signed, too old or replayed.
 */
export type WebhookResult = ReportKind | 'foreign' | 'ignored' | 'repeated' | 'refused';

@Injectable()
export class FeedbackMetrics {
  private readonly webhooks: Counter<'kind'>;

  constructor(metrics: Metrics) {
    this.webhooks = new Counter({
      name: 'bellhop_feedback_total',
      help: 'Webhooks by what the provider says of a mail; `foreign`, `ignored`, `repeated` and `refused` change nothing.',
      labelNames: ['kind'],
      registers: [metrics],
    });
  }

  count(kind: WebhookResult): void {
    this.webhooks.inc({ kind });
  }
}
