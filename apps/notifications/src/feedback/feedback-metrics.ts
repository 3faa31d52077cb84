import { Metrics } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { ReportKind } from '../channels/report.js';

/**
 * What became of a webhook. `foreign`: about a mail of somebody else who uses the same account. `ignored`: of a type we have
 * no use for. `repeated`: sent again because our answer was lost. `refused`: not signed, stale or replayed.
 */
export type Heard = ReportKind | 'foreign' | 'ignored' | 'repeated' | 'refused';

@Injectable()
export class FeedbackMetrics {
  private readonly heard: Counter<'kind'>;

  constructor(metrics: Metrics) {
    this.heard = new Counter({
      name: 'bellhop_feedback_total',
      help: 'Webhooks by what the provider says of a mail; `foreign`, `ignored`, `repeated` and `refused` change nothing.',
      labelNames: ['kind'],
      registers: [metrics],
    });
  }

  count(kind: Heard): void {
    this.heard.inc({ kind });
  }
}
